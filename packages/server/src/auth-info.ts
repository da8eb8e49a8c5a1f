import type { JsonObject } from '@bao-mcp/protocol/engine'

/** Who a request was authenticated as. */
export interface AuthInfo {
  /** Unique over issuers, and never the token. */
  readonly principal: string
  readonly scopes: readonly string[]
  readonly clientId?: string
  /** Wall-clock milliseconds. */
  readonly expiresAt?: number
  readonly claims?: JsonObject
}
