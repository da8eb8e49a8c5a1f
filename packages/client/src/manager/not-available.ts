import { stderrTailOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import type { ServerState } from './state.ts'

/** What to do about a server that is not tried any more. */
const ADVICE: Partial<Record<ServerState, string>> = {
  failed: '; calls are not sent until it is restarted, so do not try again',
  'needs-auth': '; somebody has to log in, then it can be restarted',
  disabled: '; it has to be enabled first',
  quarantined: '; it has to be released first',
}

/** The error of a call that finds no connection, in words that tell a model whether it makes sense to try again. */
export function notAvailable(server: {
  readonly name: string
  readonly state: ServerState
  readonly reason: string
  readonly lastError: unknown
  /** It was removed, or its manager was closed. */
  readonly isOver: boolean
}): ManagerError {
  const { name, state, reason, lastError, isOver } = server
  if (isOver) return new ManagerError('closed', `${name} is no longer managed: ${reason}`, { server: name, state })
  const message = `${name} is ${state}: ${reason}${ADVICE[state] ?? ''}`
  return new ManagerError('unavailable', message, {
    server: name,
    state,
    stderrTail: stderrTailOf(lastError),
    cause: lastError,
  })
}
