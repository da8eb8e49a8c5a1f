import type { CallContext } from '@bao-mcp/server'
import { fittingTransitions } from '../../fitting-transitions.ts'
import type { AssignableWhere, JiraPort } from '../../jira/port.ts'
import type { IssueType, Transition, User } from '../../shapes.ts'
import { choose } from './confirm.ts'
import { Refusal } from './refusal.ts'

/** Candidates a person can still tell apart. */
const MAX_CANDIDATES = 20

/**
 * The person an issue can be given to, by account id, e-mail or name. Who fits in part only is asked about.
 * @throws {Refusal} when nobody fits, or those who do have to be asked about and nobody can be
 */
export async function resolveAssignee(
  { jira, call }: { jira: JiraPort; call: CallContext },
  wanted: string,
  where: AssignableWhere,
): Promise<User> {
  const candidates = await call.once('assignable', () =>
    jira.assignable({ query: wanted, where, limit: MAX_CANDIDATES }, call),
  )
  const same = (text: string | undefined): boolean => text?.toLowerCase() === wanted.trim().toLowerCase()
  const [byId] = candidates.filter(({ accountId }) => accountId === wanted)
  if (byId !== undefined) return byId
  const exact = candidates.filter(({ name, email }) => same(name) || same(email))
  const [only] = exact
  if (only !== undefined && exact.length === 1) return only
  const fitting = exact.length > 0 ? exact : candidates
  if (fitting.length === 0) {
    const known = await call.once('user', async () => (await jira.user(wanted, call)) ?? null)
    if (known !== null) return known
    throw new Refusal(
      'invalid',
      `Nobody who can be given this issue fits ${JSON.stringify(wanted)}. Find people with jira_find_users, and give an account id.`,
    )
  }
  return choose(call, {
    key: 'assignee',
    question:
      fitting.length > 1
        ? `${JSON.stringify(wanted)} fits several people`
        : `${JSON.stringify(wanted)} is not all of a name or e-mail that Jira shows`,
    choices: new Map(fitting.map((user) => [personLabel(user), user])),
    hint: 'Call again with the account id of one of them.',
  })
}

/** @throws {Refusal} listing the types the project has */
export async function resolveType(
  jira: JiraPort,
  call: CallContext,
  { project, type }: { project: string; type: string },
): Promise<IssueType> {
  const types = await call.once('types', () => jira.issueTypes(project, call))
  const wanted = type.trim().toLowerCase()
  const found = types.find(({ id }) => id === type) ?? types.find(({ name }) => name.toLowerCase() === wanted)
  if (found !== undefined) return found
  const known = types.map(({ id, name }) => `${name} (id ${id})`).join(', ')
  throw new Refusal(
    'invalid',
    `Project ${project} has no issue type ${JSON.stringify(type)}. It has: ${known || 'none that this account can create'}.`,
  )
}

/**
 * The transition by its id, its name, or the status it leads to, in this order.
 * @throws {Refusal} listing those that are allowed now, or those that fit when nobody can be asked
 */
export async function resolveTransition(
  { jira, call }: { jira: JiraPort; call: CallContext },
  { key, to }: { key: string; to: string },
): Promise<Transition> {
  // in each round, for somebody else may have moved it meanwhile
  const transitions = await jira.transitions(key, call)
  const fitting = fittingTransitions(transitions, to)
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  if (only === undefined) {
    const allowed = transitions.map(transitionLabel).join('; ')
    throw new Refusal(
      'invalid',
      `${key} has no transition ${JSON.stringify(to)} now. ${allowed === '' ? 'This account can take none.' : `Allowed: ${allowed}.`}`,
    )
  }
  return choose(call, {
    key: 'transition',
    question: `${JSON.stringify(to)} fits several transitions of ${key}`,
    choices: new Map(fitting.map((one) => [transitionLabel(one), one])),
    hint: 'Call again with the id of one of them.',
  })
}

function personLabel({ name, email, accountId }: User): string {
  return `${name}${email === undefined ? '' : ` <${email}>`} (account id ${accountId})`
}

function transitionLabel({ id, name, to }: Transition): string {
  return `${name} (id ${id}) to ${to.name}`
}
