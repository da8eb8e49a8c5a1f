import type { Exchange, Way } from '@bao-mcp/protocol/engine'
import type { AuthInfo } from './http/auth/auth-info.ts'

/** What this package's channels with several ways tell of a request that came one of them. */
export interface ServedWay extends Way {
  /** Who sent it, where requests are authenticated. */
  readonly auth: AuthInfo | undefined
  /** False where nothing but the one answer reaches the client. */
  readonly canAsk: boolean
  /**
   * Lets go of the connection and tells the client when to come back for the rest.
   * @returns false where it could not come back
   */
  release?(retryMs: number | undefined): boolean
}

/** The way a request came; undefined on a channel that has only one. */
export function wayOf({ way }: Exchange): ServedWay | undefined {
  // proof: the exchanges that are served come from this package's channels, whose ways are all of this kind
  return way as ServedWay | undefined
}
