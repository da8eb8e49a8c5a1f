import { JiraError } from '../client/jira-error.ts'

/** How far a request has come, which decides what it means to break it off. */
export type Stage = 'arriving' | 'reading' | 'writing'

/** The time a request has in all. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Rejects when the time is up, with what that means at this stage. */
  readonly over: Promise<never>
  stage: Stage
  /** Ends the time now. */
  abort(reason: string): void
}

/** The request was not there in time. */
export class LateError extends Error {
  override readonly name = 'LateError'
}

export function createDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  // whoever waits for the request races it; nobody may
  promise.catch(() => {})
  const deadline: Deadline = {
    signal: controller.signal,
    over: promise,
    stage: 'arriving',
    abort(reason) {
      const error = meaning(deadline.stage, reason)
      controller.abort(error)
      reject(error)
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
  const timer = setTimeout(() => deadline.abort(`it took longer than ${timeoutMs} ms`), timeoutMs)
  return deadline
}

function meaning(stage: Stage, reason: string): Error {
  switch (stage) {
    case 'arriving':
      return new LateError(`the request was not there in time: ${reason}`)
    case 'reading':
      return new JiraError('timeout', reason)
    case 'writing':
      return new JiraError('outcome_unknown', `${reason}; it may have been done: look before you repeat it`)
    default:
      return stage satisfies never
  }
}
