import { ConnectionError } from '@bao-mcp/protocol/engine'

/** The same failure, saying that the other side may have done what was asked: code and evidence stay. */
export function unknownOutcome(error: ConnectionError, message: string): ConnectionError {
  const { code, reason, method, id, status, retryAfterMs } = error
  return new ConnectionError(code, message, {
    outcome: 'unknown',
    cause: error,
    ...(reason !== undefined && { reason }),
    ...(method !== undefined && { method }),
    ...(id !== undefined && { id }),
    ...(status !== undefined && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}
