import {
  AnsweredError,
  ConnectionError,
  InputRoundsError,
  InvalidResultError,
  METHOD_NOT_FOUND,
  NegotiationError,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { AuthError } from '../auth/auth-error.ts'
import { ServerStartError } from '../errors.ts'
import { InputError } from '../input-error.ts'
import { isPassing } from '../tool-calls.ts'
import { ManagerError } from './manager-error.ts'

/** Causes of an error that are looked at. */
const DEPTH = 5

/**
 * What a failed start is worth: `auth` wants a person, `final` fails again whatever is done, `passing` may not.
 */
export function startFailure(error: unknown): 'auth' | 'final' | 'passing' {
  // only outermost: below it may be the way a runtime says that a server was not reached
  if (error instanceof TypeError) return 'final'
  for (const one of causesOf(error)) {
    const login = loginWanted(one)
    if (login !== undefined) return login
    if (one instanceof NegotiationError) return 'final'
    if (one instanceof ServerStartError && wasNeverStarted(one)) return 'final'
    if (one instanceof ConnectionError && one.code === 'http_status' && !isPassing(one.status)) return 'final'
  }
  return 'passing'
}

/**
 * What a failed call says of its server: `answered` that it is there, `fault` that the way to it is not sound, `auth`
 * that somebody has to log in, `own` nothing.
 */
export function callFailure(error: unknown): 'answered' | 'fault' | 'auth' | 'own' {
  for (const one of causesOf(error)) {
    if (one instanceof AuthError && one.code === 'insufficient_scope') return 'answered'
    const login = one instanceof AuthError || statusOf(one) === 401 ? loginWanted(one) : undefined
    if (login !== undefined) return login === 'auth' ? 'auth' : 'fault'
  }
  if (error instanceof ManagerError) return 'own'
  if (!(error instanceof ConnectionError)) return isOfServer(error) ? 'answered' : 'own'
  switch (error.code) {
    case 'closed':
      return error.reason?.kind === 'local' ? 'own' : 'fault'
    case 'timeout':
    case 'total_timeout':
    case 'unanswerable':
    case 'unreachable':
    case 'dropped':
      return 'fault'
    case 'http_status':
      return isPassing(error.status) ? 'fault' : 'answered'
    case 'too_large':
      return 'answered'
    case 'unserialisable':
    case 'open_limit':
      return 'own'
    default:
      return error.code satisfies never
  }
}

/** Whether the connection of a call ended under it, so that another one is on its way. */
export function isConnectionLost(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError && error.code === 'closed' && error.reason?.kind !== 'local'
}

/**
 * Whether a request was refused as if nothing were there: perhaps the other side has forgotten what the connection was
 * made with, and the way it is opened with is well. The request has not run.
 */
export function isNotFound(error: unknown): boolean {
  if (error instanceof AnsweredError) return error.status === 404 && error.code !== METHOD_NOT_FOUND
  return error instanceof ConnectionError && error.status === 404
}

/** Last lines of stderr that are evidence of a failure. */
export function stderrTailOf(error: unknown): readonly string[] {
  for (const one of causesOf(error)) {
    if (one instanceof ServerStartError && one.stderrTail.length > 0) return one.stderrTail
    if (one instanceof ConnectionError && one.reason?.stderrTail !== undefined) return one.reason.stderrTail
  }
  return []
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function loginWanted(error: unknown): 'auth' | 'passing' | undefined {
  if (error instanceof AuthError) {
    // who could not be asked did not say no
    return error.code === 'unreachable' || error.code === 'storage_failed' ? 'passing' : 'auth'
  }
  const status = statusOf(error)
  return status === 401 || status === 403 ? 'auth' : undefined
}

function statusOf(error: unknown): number | undefined {
  return error instanceof ConnectionError || error instanceof AnsweredError ? error.status : undefined
}

/** No process ever ran: the command is wrong, and will be the next time. */
function wasNeverStarted({ exitCode, signal, stderrTail, cause }: ServerStartError): boolean {
  return (
    exitCode === undefined && signal === undefined && stderrTail.length === 0 && !(cause instanceof ConnectionError)
  )
}

/** What was read from an answer, or is one; anything else was thrown on this side of the wire. */
function isOfServer(error: unknown): boolean {
  const kinds = [RpcError, InvalidResultError, InputError, InputRoundsError]
  return kinds.some((kind) => error instanceof kind)
}

function* causesOf(error: unknown): Iterable<unknown> {
  let one = error
  for (let depth = 0; depth < DEPTH && one !== undefined; depth++) {
    yield one
    one = one instanceof Error ? one.cause : undefined
  }
}
