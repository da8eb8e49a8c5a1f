import type { JsonObject } from '@bao-mcp/protocol/engine'

/** Who a request comes from and what they may do, as their access token says. */
export interface AuthInfo {
  /** Names the same user or client over all issuers and for ever, such as issuer and subject together; never the token. */
  readonly principal: string
  readonly scopes: readonly string[]
  /** The client that acts for the principal. */
  readonly clientId?: string
  /** Epoch milliseconds from which the token is refused here. */
  readonly expiresAt?: number
  /** All that the token claims, as its verifier found it. */
  readonly claims?: JsonObject
}

/** Tells whom an access token belongs to. */
export interface TokenVerifier {
  /** Called once by each server that is set up with it, so that what it lacks is told before the first token comes. */
  prepare?(): Promise<void>
  /**
   * @param expected the canonical URI of the server the token must have been issued for
   * @throws {InvalidTokenError} when the token is not to be accepted; anything else counts as a failure on this side
   */
  verify(token: string, expected: { resource: string }): Promise<AuthInfo>
}

/** A token that is not accepted. The message is told to whoever sent it, so it never holds the token or a secret. */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError'
}
