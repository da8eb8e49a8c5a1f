import type { Clock } from '@bao-mcp/protocol/engine'
import type { AuthInfo } from './auth/auth-info.ts'

/**
 * Calls `fn` once when the token behind a request is no longer valid, unless the returned function is called before.
 * Undefined where nothing expires.
 */
export function whenExpired(auth: AuthInfo | undefined, clock: Clock, fn: () => void): (() => void) | undefined {
  const expiresAt = auth?.expiresAt
  return expiresAt === undefined ? undefined : clock.after(Math.max(0, expiresAt - Date.now()), fn)
}
