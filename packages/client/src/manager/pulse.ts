import type { Clock } from '@bao-mcp/protocol/engine'
import { RpcError } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { isNotFound } from './failures.ts'

/** Signs of life in a row that may be missing before a connection is given up. */
const MAX_MISSED = 2

/** Looks after one connection while nobody uses it: asks for signs of life, and ends what nobody needs. */
export interface Pulse {
  /** Asks now, and gives the connection up when nothing comes. */
  verify(): Promise<void>
  stop(): void
}

export interface PulseOptions {
  readonly clock: Clock
  readonly client: Pick<Client, 'ping'>
  /** Milliseconds between signs of life; 0 for none. */
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Milliseconds without use before it is stopped, as it is thought best right now; undefined for never. */
  idleStopMs(): number | undefined
  /** Point in time on the clock of the last use; undefined while it is in use. */
  idleSince(): number | undefined
  /** A sign of life came. */
  alive(): void
  /** One did not come, and another chance is given. */
  missed(error: unknown): void
  /** None comes any more. */
  dead(error: unknown): void
  /** Nobody needs it: it was not used for so many milliseconds. */
  idle(afterMs: number): void
}

/** One timer serves both. Signs of life are asked for only where no use has shown that the server lives. */
export function startPulse(options: PulseOptions): Pulse {
  const { clock, client, intervalMs, timeoutMs } = options
  let missed = 0
  let stopped = false
  let askedAt = clock.now()
  let stopTimer: (() => void) | undefined
  let asking: Promise<void> | undefined
  /** What the question that is under way decides with: who asks with fewer chances does not get those of another. */
  let chancesLeft = MAX_MISSED

  function arm(): void {
    if (stopped) return
    const now = clock.now()
    const since = options.idleSince()
    const idleStopMs = options.idleStopMs()
    const waits: number[] = []
    if (intervalMs > 0) waits.push(Math.max(askedAt, since ?? now) + intervalMs - now)
    if (idleStopMs !== undefined) waits.push((since ?? now) + idleStopMs - now)
    if (waits.length > 0) stopTimer = clock.after(Math.max(1, Math.min(...waits)), () => void tick().finally(arm))
  }

  async function tick(): Promise<void> {
    const since = options.idleSince()
    const now = clock.now()
    if (since === undefined) return
    const idleStopMs = options.idleStopMs()
    if (idleStopMs !== undefined && now - since >= idleStopMs) return options.idle(idleStopMs)
    // whatever was missed before the last use is made up for
    if (since > askedAt) missed = 0
    if (intervalMs > 0 && now - Math.max(askedAt, since) >= intervalMs) await ask(MAX_MISSED)
  }

  function ask(chances: number): Promise<void> {
    if (asking !== undefined) {
      chancesLeft = Math.min(chancesLeft, chances)
      return asking
    }
    chancesLeft = chances
    asking = pinged().finally(() => {
      asking = undefined
    })
    return asking
  }

  /** Never rejects. */
  async function pinged(): Promise<void> {
    askedAt = clock.now()
    try {
      await client.ping({ timeoutMs, maxTotalTimeoutMs: timeoutMs })
    } catch (error) {
      // a refusal is a sign of life, unless by somebody who does not know this connection
      if (!(error instanceof RpcError) || isNotFound(error)) {
        if (stopped) return
        if (++missed >= chancesLeft) return options.dead(error)
        return options.missed(error)
      }
    }
    missed = 0
    if (!stopped) options.alive()
  }

  arm()
  return {
    verify: () => ask(1),
    stop() {
      stopped = true
      stopTimer?.()
    },
  }
}
