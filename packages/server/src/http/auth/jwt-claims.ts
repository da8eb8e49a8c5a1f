import { isJsonObject } from '@bao-mcp/protocol/engine'
import { type AuthInfo, InvalidTokenError } from './auth-info.ts'

/** The verified parts of a token, and how to read them. */
export interface VerifiedJwt {
  /** Claims whose issuer, audience and times were checked. */
  payload: unknown
  typ: string | undefined
  issuer: string
  scopeClaim: string | undefined
  clockToleranceSeconds: number
}

/** Tokens of other kinds, such as ID-JAGs and logout tokens, are signed with the same keys; issuers name them otherwise. */
const ACCESS_TOKEN_TYPES = ['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']

/**
 * @throws {InvalidTokenError} for a token of another kind, one that names nobody, and one that is bound to a key
 */
export function authInfoOf({ payload, typ, issuer, scopeClaim, clockToleranceSeconds }: VerifiedJwt): AuthInfo {
  if (typ !== undefined && !ACCESS_TOKEN_TYPES.includes(typ.toLowerCase())) {
    throw new InvalidTokenError('the token is of another kind than an access token')
  }
  if (!isJsonObject(payload)) throw new InvalidTokenError('the access token claims nothing')
  const { sub, exp, cnf } = payload
  if (typeof sub !== 'string' || sub === '') throw new InvalidTokenError('the claim sub of the access token is no name')
  if (typeof exp !== 'number') throw new InvalidTokenError('the access token does not say when it expires')
  if (cnf !== undefined) {
    throw new InvalidTokenError('the access token is bound to a key (cnf), and nothing here proves who holds it')
  }
  const clientId = payload.client_id ?? payload.azp
  return {
    // an issuer has no fragment, so no other issuer and subject make the same name
    principal: `${issuer}#${sub}`,
    scopes: scopesOf(scopeClaim === undefined ? (payload.scope ?? payload.scp) : payload[scopeClaim]),
    ...(typeof clientId === 'string' && { clientId }),
    expiresAt: (exp + clockToleranceSeconds) * 1000,
    claims: payload,
  }
}

/** Anything that is no list of scopes grants none. */
function scopesOf(claim: unknown): string[] {
  const listed: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return [...new Set(listed.filter((scope) => typeof scope === 'string'))].filter((scope) => scope !== '')
}
