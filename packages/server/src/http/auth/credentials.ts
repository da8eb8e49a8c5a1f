/** Why a request has no token to look at. */
export interface CredentialFault {
  /** `absent`: there is none of a kind this server takes. `malformed`: the request is wrong. `too_long`: it is no token of ours. */
  readonly kind: 'absent' | 'malformed' | 'too_long'
  /** A sentence that repeats nothing of what was sent. */
  readonly message: string
}

/** Longest access token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH: number = 16 * 1024

const BEARER = /^Bearer +([\w\-.~+/]+=*)$/i
const BEARER_SCHEME = /^Bearer(?: |$)/i
const OTHER_SCHEME = /^[\w!#$%&'*+.^`|~-]+ +\S/
const SECOND_BEARER = /,\s*Bearer /i

const absent: CredentialFault = {
  kind: 'absent',
  message: 'this server needs an access token: Authorization: Bearer <token>',
}
const otherScheme: CredentialFault = {
  kind: 'absent',
  message: 'this server takes access tokens only: Authorization: Bearer <token>',
}
const inQuery: CredentialFault = {
  kind: 'malformed',
  message:
    'an access token must not be in the query string, where logs keep it; send it as Authorization: Bearer <token>',
}
const several: CredentialFault = { kind: 'malformed', message: 'the request has several credentials; send one' }
const malformed: CredentialFault = {
  kind: 'malformed',
  message: 'the Authorization header must be the word Bearer, a space and one token',
}
const tooLong: CredentialFault = {
  kind: 'too_long',
  message: `the access token is longer than ${MAX_TOKEN_LENGTH} characters (MAX_TOKEN_LENGTH)`,
}

/**
 * The access token of a request. "Access tokens MUST NOT be included in the URI query string", so one there is a fault,
 * whatever the header holds.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 */
export function readToken(request: Request): string | CredentialFault {
  if (hasQueryToken(request.url)) return inQuery
  const header = request.headers.get('authorization')
  if (header === null || header === '') return absent
  if (header.length > MAX_TOKEN_LENGTH + 'Bearer '.length) return tooLong
  const token = BEARER.exec(header)?.[1]
  if (token !== undefined) return token
  if (SECOND_BEARER.test(header)) return several
  if (BEARER_SCHEME.test(header)) return header.includes(',') ? several : malformed
  return OTHER_SCHEME.test(header) ? otherScheme : malformed
}

function hasQueryToken(url: string): boolean {
  const start = url.indexOf('?')
  return start >= 0 && new URLSearchParams(url.slice(start + 1)).has('access_token')
}
