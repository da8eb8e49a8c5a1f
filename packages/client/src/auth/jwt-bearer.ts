import { AuthError, type AuthErrorCode } from './auth-error.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import type { MachineRequest } from './machine-grant.ts'
import { MAX_TOKEN_LENGTH } from './token-text.ts'

export interface JwtBearerOptions {
  client: ClientAuthentication
  /** Begins the error, such as `the assertion of workloadIdentity()`. */
  what: string
  /** Whose fault it is when it is no JWT. */
  fault: AuthErrorCode
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/**
 * Presents a JWT of somebody the authorization server trusts as a grant.
 * @throws {AuthError} for what is no JWT; nothing of it is shown
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 */
export function jwtBearer(assertion: unknown, { client, what, fault }: JwtBearerOptions): MachineRequest {
  // what was read from a file often ends with a line break
  const text = typeof assertion === 'string' ? assertion.trim() : ''
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || text.length > MAX_TOKEN_LENGTH) {
    const got = typeof assertion === 'string' ? `${assertion.length} characters of something else` : typeof assertion
    throw new AuthError(fault, `${what} must be a JWT of at most ${MAX_TOKEN_LENGTH} characters, got ${got}`)
  }
  return { params: { grant_type: JWT_BEARER, assertion: text }, client }
}
