import type { Clock } from '@bao-mcp/protocol/engine'
import { heldTimer } from './transports/timer.ts'

/** The longest a timer of a runtime can be set to. */
const LONGEST_TIMER_MS = 2_147_483_647

/** Resolves after `ms` milliseconds. @throws the signal's reason as soon as it aborts */
export function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = (): void => {
      stop()
      reject(signal?.reason)
    }
    const stop = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * The same for somebody who waits for a call: a process with nothing else to do would end in the middle of it.
 * @throws the signal's reason as soon as it aborts
 */
export async function heldPause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const letGo = heldTimer.after(Math.min(ms, LONGEST_TIMER_MS), ignore)
  try {
    await pause(clock, ms, signal)
  } finally {
    letGo()
  }
}

function ignore(): void {
  // the clock decides when the pause is over
}
