import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { untilAborted } from '../auth/until-aborted.ts'

/**
 * What a function of the application gave, or the end of the patience for it: such a function may not listen to the
 * signal. What is no promise costs none.
 * @throws the signal's reason
 */
export function settleInTime<T>(given: MaybePromise<T>, signal: AbortSignal): MaybePromise<T> {
  return isPromiseLike(given) ? untilAborted(Promise.resolve(given), signal) : given
}

function isPromiseLike<T>(given: MaybePromise<T>): given is Promise<T> {
  return typeof given === 'object' && given !== null && 'then' in given && typeof given.then === 'function'
}
