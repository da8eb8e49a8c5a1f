import { InvalidTokenError } from './auth-info.ts'
import type { Jose } from './load-jose.ts'

/**
 * What a failed verification means: a token that is not to be accepted, in words that repeat nothing of it, or a failure
 * on this side, as it was thrown. What `jose` throws holds the claims, so it does not become a cause.
 */
export function faultOf(thrown: unknown, { errors }: Pick<Jose, 'errors'>): unknown {
  if (!(thrown instanceof errors.JOSEError)) return thrown
  if (thrown instanceof errors.JWTClaimValidationFailed) return new InvalidTokenError(aboutClaim(thrown))
  switch (thrown.code) {
    case 'ERR_JWKS_INVALID':
    case 'ERR_JWK_INVALID':
      return new Error('the keys of the issuer cannot be used', { cause: thrown })
    case 'ERR_JWT_EXPIRED':
      return new InvalidTokenError('the access token has expired')
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return new InvalidTokenError('the access token is signed by an algorithm that is not accepted here')
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return new InvalidTokenError('the signature of the access token is wrong')
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return new InvalidTokenError('the access token is signed by a key its issuer does not have')
    default:
      return new InvalidTokenError('the access token is no JSON Web Token that can be read')
  }
}

/** The names of claims are those that were asked for, never those that the token brings. */
function aboutClaim({ claim, reason }: { claim: string; reason: string }): string {
  if (reason === 'missing') return `the access token has no claim ${claim}`
  switch (claim) {
    case 'iss':
      return 'the access token comes from another issuer'
    case 'aud':
      return 'the access token was issued for another server'
    case 'nbf':
      return 'the access token is not valid yet'
    default:
      return `the claim ${claim} of the access token is not what it must be`
  }
}
