import {
  AuthError,
  ConnectionError,
  InputError,
  InvalidResultError,
  ManagerError,
  type ManagerErrorCode,
  RpcError,
} from '@bao-mcp/client'
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '@bao-mcp/protocol/engine'
import { JiraError, type JiraErrorCode } from './jira-error.ts'

const NEEDS_SCOPE = -31998
/** What a manager refuses for good; the rest of its codes pass. It has sent nothing in any case. */
const MANAGER_CODES: { readonly [Code in ManagerErrorCode]?: JiraErrorCode } = {
  unknown_tool: 'unsupported',
  not_allowed: 'unsupported',
  denied: 'forbidden',
  tool_changed: 'forbidden',
  invalid_config: 'invalid',
  name_taken: 'invalid',
  unknown_server: 'invalid',
}
/** The server is busy, or cannot reach what its nodes share: it has not begun. */
const NOT_BEGUN: ReadonlySet<number> = new Set([-31999, -31997])

/**
 * What it means that a call was not answered. Whatever a write may have done makes its outcome unknown.
 * @returns the error itself where it is a {@link JiraError} or none of a call, such as the reason of a signal
 */
export function callFailure(error: unknown, { tool, isWrite }: { tool: string; isWrite: boolean }): unknown {
  const code = codeOf(error)
  if (code === undefined || !(error instanceof Error)) return error
  const isOpen = isWrite && (code === 'timeout' || code === 'failed' || mayHaveBegun(error))
  const advice = isOpen ? '; it may have been done: look before you repeat it' : ''
  return new JiraError(isOpen ? 'outcome_unknown' : code, `${tool}: ${error.message}${advice}`, {
    tool,
    retryAfterMs: retryAfterMsOf(error),
    cause: error,
  })
}

/** Whether the way to the server broke under a call, so that a read is worth another attempt. */
export function isWayBroken(error: unknown): boolean {
  if (!(error instanceof ConnectionError)) return false
  return error.code === 'closed' ? error.reason?.kind !== 'local' : error.code === 'dropped'
}

/** What it is for a read. */
function codeOf(error: unknown): JiraErrorCode | undefined {
  if (error instanceof ManagerError) return managerCode(error)
  if (error instanceof ConnectionError) return connectionCode(error)
  if (error instanceof RpcError) return rpcCode(error)
  if (error instanceof AuthError) return 'unauthorized'
  if (error instanceof InvalidResultError) return 'failed'
  return error instanceof InputError ? 'invalid' : undefined
}

function managerCode({ code, state }: ManagerError): JiraErrorCode {
  if (state === 'needs-auth') return 'unauthorized'
  return MANAGER_CODES[code] ?? 'unavailable'
}

function connectionCode({ code }: ConnectionError): JiraErrorCode {
  switch (code) {
    case 'timeout':
    case 'total_timeout':
      return 'timeout'
    case 'unserialisable':
      return 'invalid'
    case 'unanswerable':
    case 'too_large':
      return 'failed'
    case 'closed':
    case 'unreachable':
    case 'http_status':
    case 'dropped':
    case 'open_limit':
      return 'unavailable'
    default:
      return code satisfies never
  }
}

function rpcCode({ code }: RpcError): JiraErrorCode {
  if (code === INVALID_PARAMS) return 'invalid'
  if (code === METHOD_NOT_FOUND) return 'unsupported'
  if (code === NEEDS_SCOPE) return 'forbidden'
  return NOT_BEGUN.has(code) ? 'unavailable' : 'failed'
}

function mayHaveBegun(error: Error): boolean {
  return error instanceof ConnectionError && error.outcome !== 'not_run' && error.code !== 'unserialisable'
}

function retryAfterMsOf(error: Error): number | undefined {
  return error instanceof ManagerError || error instanceof ConnectionError ? error.retryAfterMs : undefined
}
