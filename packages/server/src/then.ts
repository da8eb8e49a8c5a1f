import type { MaybePromise } from '@bao-mcp/protocol/engine'

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  // proof: the object and function checks come first, so the member can be read
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Goes on with a value, in this tick when it is there already. */
export function chain<T, R>(value: T | PromiseLike<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value)
}
