import { type Clock, ConnectionError } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import { callFailure, isConnectionLost, isNotFound } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import type { CallQueue } from './queue.ts'
import { wasDiscarded } from './slots.ts'
import type { Supervisor } from './supervision.ts'
import { untilAborted } from './until-aborted.ts'

/** Everything that is asked of one server goes through here. */
export interface Calls {
  readonly breaker: Breaker
  /** Point in time on the clock of the last use; undefined while something is under way or is held. */
  idleSince(): number | undefined
  /** Marks the server as in use until the returned function is called. */
  hold(): () => void
  /**
   * Runs `act` with the connection, in turn. When the connection ends under it, it is repaired, and `act` is run once
   * more where the server has certainly not begun, or where `mayRepeat` says that twice does no more than once.
   * @throws {ManagerError} `circuit_open`, `unavailable`, `queue_full`, `queue_timeout`: it was not sent
   * @throws what `act` threw; a {@link ConnectionError} says by `outcome` whether the server may have done it
   */
  run<T>(act: (client: Client) => Promise<T>, options: CallRunOptions): Promise<T>
}

export interface CallRunOptions {
  readonly signal: AbortSignal | undefined
  /** Asked only when it matters. */
  mayRepeat(): boolean
}

export interface CallsOptions {
  readonly server: string
  readonly clock: Clock
  readonly queue: CallQueue
  readonly breaker: { readonly failures: number; readonly cooldownMs: number }
  /** It is used again, after so many milliseconds without any use. */
  used?(gapMs: number): void
  readonly supervisor: Pick<Supervisor, 'connection' | 'impair' | 'recover' | 'refuse' | 'client' | 'verify'>
}

export function createCalls({ server, clock, queue, breaker: limits, used, supervisor }: CallsOptions): Calls {
  let held = 0
  let lastUse = clock.now()
  let wasUsed = false
  const breaker = createBreaker({
    clock,
    ...limits,
    changed(state) {
      if (state === 'closed') supervisor.recover('calls')
      else {
        supervisor.impair('calls', `${limits.failures} calls failed in a row`)
        verify()
      }
    },
    suspected: verify,
  })

  /** A server that is frozen is replaced at once, not when nobody calls it any more. */
  function verify(): void {
    // it never rejects
    void supervisor.verify('calls fail')
  }

  function admit(): void {
    const { retryAfterMs } = breaker
    if (retryAfterMs === undefined) return
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
    const message = `${server} failed ${limits.failures} times in a row and is left alone: do not call it again within ${seconds} s, go on without it; nothing was sent`
    throw new ManagerError('circuit_open', message, { server, retryAfterMs })
  }

  /** One attempt, which tells the breaker how it went. */
  async function once<T>(
    act: (client: Client) => Promise<T>,
    signal: AbortSignal | undefined,
    on: { client?: Client },
  ): Promise<T> {
    admit()
    return queue.run(async () => {
      const client = await supervisor.connection(signal)
      // it may have opened while this call waited for its turn
      admit()
      on.client = client
      const begun = breaker.begin()
      try {
        const result = await act(client)
        breaker.succeed()
        supervisor.recover('health')
        return result
      } catch (error) {
        const worth = signal?.aborted === true && error === signal.reason ? 'own' : callFailure(error)
        // not behind the queue, where the next call would have begun before this one is known to have failed
        if (worth === 'answered') breaker.succeed()
        else if (worth === 'fault') breaker.fail(begun)
        else breaker.abandon(begun)
        // another connection than the one that was refused may be in use by now
        if (worth === 'auth' && client === supervisor.client) supervisor.refuse(error)
        throw error
      }
    }, signal)
  }

  async function again<T>(
    act: (client: Client) => Promise<T>,
    signal: AbortSignal | undefined,
    last: Client | undefined,
  ): Promise<T> {
    // until then the connection that is over may still be handed out
    if (last !== undefined) await untilAborted(last.closed, signal)
    // with the new connection the breaker begins anew, which may have opened over the old one
    await supervisor.connection(signal)
    return once(act, signal, {})
  }

  function begin(): void {
    if (held++ > 0) return
    if (wasUsed) used?.(clock.now() - lastUse)
    wasUsed = true
  }

  function hold(): () => void {
    begin()
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      held--
      lastUse = clock.now()
    }
  }

  return {
    breaker,
    idleSince: () => (held > 0 ? undefined : lastUse),
    hold,
    async run(act, { signal, mayRepeat }) {
      begin()
      try {
        const on: { client?: Client } = {}
        return await once(act, signal, on).catch(async (error: unknown) => {
          if (isNotFound(error)) await untilAborted(supervisor.verify('a call was answered with HTTP 404'), signal)
          if (!isConnectionLost(error) && !isReplaced(error, on.client)) throw error
          const mayHaveRun = !saysNotRun(error)
          if (mayHaveRun && !mayRepeat()) throw error
          return again(act, signal, on.client).catch((next: unknown) => {
            // the call as a whole may have run, though not when it was sent again
            throw mayHaveRun && saysNotRun(next) ? error : next
          })
        })
      } finally {
        held--
        lastUse = clock.now()
      }
    },
  }
}

/** Whether the manager itself ended the connection under a call, so that another one is on its way. */
function isReplaced(error: unknown, client: Client | undefined): boolean {
  if (client === undefined || !wasDiscarded(client)) return false
  return isNotFound(error) || (error instanceof ConnectionError && error.code === 'closed')
}

function saysNotRun(error: unknown): boolean {
  if (error instanceof ManagerError || isNotFound(error)) return true
  return error instanceof ConnectionError && error.outcome === 'not_run'
}
