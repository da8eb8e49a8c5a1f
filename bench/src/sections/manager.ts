import { type Cell, measureRounds } from '../cells.ts'
import { CONTESTANTS } from '../contestants.ts'
import { runJob } from '../job.ts'
import type { SectionContext } from './context.ts'

const SERVERS = 100
const TOOLS_EACH = 10

/** Many servers behind one object: tools listed from manifests in a fresh process, and all of them started and closed. */
export function measureManager({ quick, progress }: SectionContext): Promise<Cell[]> {
  const ours = CONTESTANTS.find(({ name }) => name === 'ours')
  const args = [ours?.plainServer ?? '']
  return measureRounds({
    rounds: quick ? 1 : 5,
    eras: [null],
    progress: (text) => progress(`manager: ${text}`),
    measure: async ({ manager }) =>
      manager
        ? runJob(manager, { servers: SERVERS, toolsEach: TOOLS_EACH, command: process.execPath, args })
        : { kind: 'unsupported', reason: 'has no session manager' },
    metrics: {
      'manager.list': ({ listMs }) => listMs,
      'manager.start': ({ startMs }) => startMs,
      'manager.close': ({ closeMs }) => closeMs,
    },
  })
}
