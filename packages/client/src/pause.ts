import type { Clock } from '@bao-mcp/protocol/engine'
import { heldTimer } from './transports/timer.ts'

/** The longest a timer of a runtime can be set to. */
const LONGEST_TIMER_MS = 2_147_483_647
const HELD_LONGER_MS = 1000

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
  const letGo = hold(ms)
  try {
    await pause(clock, ms, signal)
  } finally {
    letGo()
  }
}

/** Calls `fn` after `ms` milliseconds and keeps the process alive until then, or until the returned function is called. */
export function heldAfter(clock: Clock, ms: number, fn: () => void): () => void {
  const letGo = hold(ms)
  const stop = clock.after(ms, () => {
    letGo()
    fn()
  })
  return () => {
    stop()
    letGo()
  }
}

function hold(ms: number): () => void {
  // a little longer: the clock's own timer keeps nothing alive and may be the second one to be looked at
  return heldTimer.after(Math.min(ms + HELD_LONGER_MS, LONGEST_TIMER_MS), ignore)
}

function ignore(): void {
  // the clock decides when the pause is over
}
