import type { Clock } from '@bao-mcp/protocol/engine'
import type { Bell } from './bell.ts'
import type { Entry } from './entry.ts'
import { stderrTailOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import { isConnected, isStartable, isUnderWay, type ServerState } from './state.ts'

/** How the servers of a manager came up. */
export interface ReadyReport {
  readonly ready: readonly string[]
  /** Servers that were started and are not connected, and why. */
  readonly failed: readonly { readonly server: string; readonly state: ServerState; readonly reason: string }[]
  readonly tookMs: number
}

export interface AwaitReadyOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Those that have to be connected. */
  readonly required: readonly Entry[]
  /** Rung on every change of any server. */
  readonly bell: Bell
  entries(): Iterable<Entry>
}

/**
 * Waits until every start that is under way has come to something, and everything required is connected.
 * @throws {ManagerError} `required_failed` as soon as one of them will not be, `not_ready` when the time is up before
 * they are
 */
export async function awaitReady(options: AwaitReadyOptions): Promise<ReadyReport> {
  const { clock, timeoutMs, signal, required, bell } = options
  const startedAt = clock.now()
  for (;;) {
    signal?.throwIfAborted()
    const lost = required.find(
      ({ supervisor: { state } }) => !isConnected(state) && !isUnderWay(state) && !isStartable(state),
    )
    if (lost !== undefined) throw requiredFailed(lost)
    const pending = required.filter(({ supervisor: { state } }) => !isConnected(state))
    const isStarting = [...options.entries()].some(isComing)
    if (pending.length === 0 && !isStarting) break
    const leftMs = startedAt + timeoutMs - clock.now()
    if (leftMs <= 0) {
      if (pending.length > 0) throw notReady(pending, timeoutMs)
      break
    }
    await bell.next(leftMs, signal)
  }
  return report([...options.entries()], clock.now() - startedAt)
}

/** Its first attempt is not over. */
function isComing({ server, supervisor: { state, generation } }: Entry): boolean {
  return state === 'starting' || (generation === 0 && isStartable(state) && server.options.lazy !== true)
}

export function requiredFailed({ name, supervisor: { state, reason, lastError } }: Entry): ManagerError {
  const message = `the required server ${name} is ${state}: ${reason}`
  const stderrTail = stderrTailOf(lastError)
  return new ManagerError('required_failed', message, { server: name, state, stderrTail, cause: lastError })
}

function notReady(pending: readonly Entry[], timeoutMs: number): ManagerError {
  const states = pending.map(({ name, supervisor: { state, reason } }) => `${name} is ${state} (${reason})`)
  return new ManagerError('not_ready', `not ready within ${timeoutMs} ms (timeoutMs): ${states.join('; ')}`, {
    known: pending.map(({ name }) => name),
  })
}

function report(entries: readonly Entry[], tookMs: number): ReadyReport {
  const ready = entries.filter(({ supervisor: { state } }) => isConnected(state)).map(({ name }) => name)
  const failed = entries.flatMap(({ name: server, supervisor: { state, reason, generation } }) =>
    generation > 0 && !isConnected(state) ? [{ server, state, reason }] : [],
  )
  return { ready, failed, tookMs }
}
