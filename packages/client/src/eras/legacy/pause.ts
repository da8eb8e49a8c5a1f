import type { Clock } from '@bao-mcp/protocol/engine'
import { heldTimer } from '../../transports/timer.ts'

/** The longest a timer of a runtime can be set to. */
const LONGEST_TIMER_MS = 2_147_483_647

export interface PauseOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** True while a call waits for it: a process with nothing else to do would end in the middle. Default false. */
  readonly isHeld?: boolean
}

/** Resolves after this many milliseconds of the clock. @throws the signal's reason */
export function pause(ms: number, { clock, signal, isHeld = false }: PauseOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const letGo = isHeld ? heldTimer.after(Math.min(ms, LONGEST_TIMER_MS), ignore) : ignore
    const onAbort = (): void => {
      stop()
      letGo()
      reject(signal.reason)
    }
    const stop = clock.after(ms, () => {
      letGo()
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function ignore(): void {
  // the clock decides
}
