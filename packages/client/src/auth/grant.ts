import type { AuthHttp } from './ask-json.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import type { Discovery } from './discover.ts'
import type { IssuedToken } from './token-endpoint.ts'
import type { TokenProof } from './token-proof.ts'
import type { TokenStore } from './token-store.ts'

/** What a grant works with. */
export interface GrantContext {
  readonly discovery: Discovery
  /** Empty: the scope parameter is left out. */
  readonly scopes: readonly string[]
  readonly store: TokenStore
  readonly http: AuthHttp
  readonly proof: TokenProof | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
}

/** A way to get a token from an authorization server that was found. */
export interface Grant {
  /** Tells its tokens apart from those of other grants and clients in the same store; no secret. */
  readonly name: string
  /** True when nobody has to be asked, so that a token is renewed before the server complains. */
  readonly unattended: boolean
  /** Picks one of several issuers. Default: the first. */
  chooseServer?: ((issuers: readonly string[]) => string) | undefined
  /** @throws {AuthError} */
  obtain(context: GrantContext): Promise<{ token: IssuedToken; clientId: string }>
  /** How the client of a token proves itself for a refresh; undefined when it is not known any more, so a login is due. */
  authenticationOf(clientId: string, context: GrantContext): Promise<ClientAuthentication | undefined>
}
