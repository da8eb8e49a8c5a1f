import type { CloseReason } from '@bao-mcp/protocol/engine'
import type { ChildExit } from '../runtime/spawn-types.ts'

/** What ended the conversation when it was not the process's own end. */
export interface Verdict {
  kind: CloseReason['kind']
  message: string
  error?: unknown
}

/** Puts together why a pipe to a process is over, from whatever is known of it. */
export function exitReason(
  verdict: Verdict | undefined,
  exit: ChildExit | undefined,
  stderrTail: readonly string[],
): CloseReason {
  const words = [verdict?.message, exit === undefined ? undefined : wordsOf(exit)].filter((part) => part !== undefined)
  const kind = verdict?.kind ?? (exit?.exitCode === 0 ? 'remote' : 'failed')
  const last = lastWords(stderrTail)
  if (kind !== 'local' && last !== undefined) words.push(`last stderr: ${last}`)
  return {
    kind,
    message: words.join('; '),
    ...(exit !== undefined && exit.exitCode !== null && { exitCode: exit.exitCode }),
    ...(exit !== undefined && exit.signal !== null && { signal: exit.signal }),
    ...(stderrTail.length > 0 && { stderrTail }),
    ...(verdict !== undefined && 'error' in verdict && { error: verdict.error }),
  }
}

const RUNTIME_BANNER = /^(?:Node\.js|Bun) v\d/
const NAMED_ERROR = /^(?:Uncaught )?\w*error\b[^:]*: /i

/** The line of stderr that says most. A crash of Node or Bun prints its stack and the runtime's name behind the error. */
export function lastWords(stderrTail: readonly string[]): string | undefined {
  const last = stderrTail.at(-1)
  if (last === undefined || !RUNTIME_BANNER.test(last)) return last
  return stderrTail.findLast((line) => NAMED_ERROR.test(line)) ?? stderrTail.at(-2) ?? last
}

function wordsOf({ exitCode, signal }: ChildExit): string {
  return signal === null ? `the server exited with code ${exitCode}` : `the server was ended by ${signal}`
}
