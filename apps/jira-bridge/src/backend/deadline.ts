import { JiraError } from '../client/jira-error.ts'

/** How far a request has come, which decides what it means to break it off. */
export type Stage = 'arriving' | 'reading' | 'writing'

/** The time a request has in all. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Rejects when the time is up, with what that means at this stage. */
  readonly over: Promise<never>
  stage: Stage
  /** Ends the time now, because the service ends. */
  end(reason: string): void
}

type Why = 'late' | 'ending'

/** The request was not there in time. */
export class LateError extends Error {
  override readonly name = 'LateError'
}

export function createDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  // whoever waits for the request races it; nobody may
  promise.catch(() => {})
  function giveUp(reason: string, why: Why): void {
    const error = meaning(deadline.stage, reason, why)
    controller.abort(error)
    reject(error)
  }

  const deadline: Deadline = {
    signal: controller.signal,
    over: promise,
    stage: 'arriving',
    end: (reason) => giveUp(reason, 'ending'),
    [Symbol.dispose]: () => clearTimeout(timer),
  }
  const timer = setTimeout(() => giveUp(`it took longer than ${timeoutMs} ms`, 'late'), timeoutMs)
  return deadline
}

function meaning(stage: Stage, reason: string, why: Why): Error {
  // another one, or this one later, will answer
  if (why === 'ending' && stage !== 'writing') return new JiraError('unavailable', reason)
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
