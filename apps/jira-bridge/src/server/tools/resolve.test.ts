import { expect, test } from 'bun:test'
import type { CallContext } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import type { Status, Transition, User } from '../../shapes.ts'
import { resolveAssignee, resolveTransition } from './resolve.ts'

const user = (accountId: string, name: string, email?: string): User => ({
  accountId,
  name,
  isActive: true,
  ...(email !== undefined && { email }),
})
const step = (id: string, name: string, to: string): Transition => ({
  id,
  name,
  to: { name: to, category: 'new' } satisfies Status,
  requiredFields: [],
})

/** Calls of a client that cannot be asked, to a Jira that knows these people and transitions. */
function known({ people = [], steps = [] }: { people?: User[]; steps?: Transition[] }) {
  const jira: Pick<JiraPort, 'assignable' | 'transitions' | 'user'> = {
    assignable: async () => people,
    transitions: async () => steps,
    user: async (accountId) => people.find((one) => one.accountId === accountId),
  }
  const call: Pick<CallContext, 'once' | 'can'> = { once: async (_, compute) => compute(), can: () => false }
  // proof: resolving uses nothing else of either
  return { jira: jira as JiraPort, call: call as CallContext }
}

const VIEWERS = [user('1', 'Viewer', 'first@example.com'), user('2', 'Reviewer'), user('3', 'viewer two')]
const where = { project: 'DEMO' }

test.each([
  ['VIEWER', '1'],
  ['first@example.com', '1'],
  ['3', '3'],
  ['Viewer Two', '3'],
])('%s is found among several by its whole name, e-mail or id', async (wanted, accountId) => {
  expect(await resolveAssignee(known({ people: VIEWERS }), wanted, where)).toMatchObject({ accountId })
})

test('two people of one name are listed with what tells them apart', async () => {
  const people = [user('1', 'Sam', 'a@example.com'), user('2', 'Sam')]
  await expect(resolveAssignee(known({ people }), 'sam', where)).rejects.toThrow(
    '"sam" fits several people: Sam <a@example.com> (account id 1); Sam (account id 2). Call again with the account id',
  )
})

test('who fits in part only is named and not taken', async () => {
  const people = [user('1', 'Tester', 'tester@example.com')]
  await expect(resolveAssignee(known({ people }), 'te', where)).rejects.toThrow(
    '"te" is not all of a name or e-mail that Jira shows: Tester <tester@example.com> (account id 1). Call again with the account id',
  )
})

const STEPS = [
  step('1', 'Done', 'Closed'),
  step('2', 'Finish', 'Done'),
  step('3', 'Back', 'To Do'),
  step('4', 'Undo', 'To Do'),
]

test.each([
  ['2', '2'],
  ['done', '1'],
  ['closed', '1'],
])('an id goes before a name, and a name before a status: %s', async (to, id) => {
  expect(await resolveTransition(known({ steps: STEPS }), { key: 'A-1', to })).toMatchObject({ id })
})

test('a status that several transitions lead to lists them', async () => {
  await expect(resolveTransition(known({ steps: STEPS }), { key: 'A-1', to: 'to do' })).rejects.toThrow(
    '"to do" fits several transitions of A-1: Back (id 3) to To Do; Undo (id 4) to To Do. Call again with the id',
  )
})

test('an issue that this account cannot move says so', async () => {
  await expect(resolveTransition(known({}), { key: 'A-1', to: 'x' })).rejects.toThrow('This account can take none.')
})
