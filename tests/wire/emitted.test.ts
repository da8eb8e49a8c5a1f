import { expect, test } from 'bun:test'
import type { RevisionDate } from '@bao-mcp/protocol'
import { createRandom } from '@bao-mcp/protocol/testing'
import { createOracle, folder, readOfficial, unlessMissing } from '../oracle/official.ts'
import { clientSession } from './client-session.ts'
import { type Judged, judge } from './judge.ts'
import { randomSession } from './session.ts'

const REVISIONS: readonly RevisionDate[] = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']
const SEED = 20260728
const STEPS = 1500
/** Messages that must at least have been judged, so that the tests cannot come to judge nothing. */
const LEAST = { server: 1000, client: 1000 }

const ALWAYS = ['tools/call', 'tools/list', 'notifications/progress', 'notifications/message', 'roots/list']
const CHANGED = ['notifications/tools/list_changed', 'sampling/createMessage']
/** What a session must have made the server say, for the same reason. */
const SEEN: Readonly<Record<RevisionDate, readonly string[]>> = {
  '2024-11-05': [...ALWAYS, ...CHANGED],
  '2025-03-26': [...ALWAYS, ...CHANGED],
  '2025-06-18': [...ALWAYS, ...CHANGED, 'elicitation/create'],
  '2025-11-25': [...ALWAYS, ...CHANGED, 'elicitation/create'],
  '2026-07-28': [...ALWAYS, ...CHANGED, 'elicitation/create', 'subscriptions/listen', 'server/discover'],
}

async function officialProblems(judged: readonly Judged[], revision: RevisionDate): Promise<string[]> {
  if (folder === undefined) return []
  const judges = createOracle(await readOfficial(revision))
  return judged
    .filter((one) => one.revision === revision)
    .filter(({ place, method, value }) => !judges({ place, name: method, value })(value))
    .map((one) => JSON.stringify(one))
}

for (const revision of REVISIONS) {
  test(`a server process emits only what ${revision} knows, whatever a client sends`, async () => {
    const { lines, unanswered } = await randomSession(createRandom(SEED), revision, STEPS)
    const { problems, messages, judged } = judge(lines, 'server', revision)
    expect({ seed: SEED, problems, unanswered }).toEqual({ seed: SEED, problems: [], unanswered: [] })
    expect(messages).toBeGreaterThan(LEAST.server)
    expect([...new Set(judged.map(({ method }) => method))]).toEqual(expect.arrayContaining(SEEN[revision]))
  }, 60_000)

  test(`a client emits only what ${revision} knows, whatever it is asked to do`, async () => {
    const lines = await clientSession(createRandom(SEED), revision, STEPS)
    const { problems, messages } = judge(lines, 'client', revision)
    expect({ seed: SEED, problems }).toEqual({ seed: SEED, problems: [] })
    expect(messages).toBeGreaterThan(LEAST.client)
  }, 60_000)

  test.if(folder !== undefined)(
    `the published schema of ${revision} accepts all of it${unlessMissing}`,
    async () => {
      const { lines } = await randomSession(createRandom(SEED + 1), revision, STEPS)
      const fromClient = await clientSession(createRandom(SEED + 1), revision, STEPS)
      const judged = [...judge(lines, 'server', revision).judged, ...judge(fromClient, 'client', revision).judged]
      expect({ seed: SEED + 1, problems: await officialProblems(judged, revision) }).toEqual({
        seed: SEED + 1,
        problems: [],
      })
    },
    60_000,
  )
}
