/**
 * Why nobody is logged in.
 * - `invalid_options`: the options contradict each other, or the server at hand
 * - `unsafe_url`: somebody named a URL that is not to be fetched, or not to be opened
 * - `unreachable`: a document or an endpoint did not answer in time, or answered nothing that can be read
 * - `no_metadata`: the server does not say who gives tokens for it, or what it says cannot be used
 * - `resource_mismatch`: the metadata is about another server
 * - `issuer_mismatch`: a document or an answer comes from another authorization server
 * - `pkce_unsupported`: the authorization server does not offer S256
 * - `no_client_id`: there is no way to be known to this authorization server
 * - `registration_refused`: it refused to register this client
 * - `wrong_authorization_server`: credentials belong to another one
 * - `no_redirect`: a login is needed and there is no way to lead a person through it
 * - `redirect_failed`: the way back was not listened to, came too late, or brought nothing usable
 * - `denied`: the authorization server, or the person, said no
 * - `token_refused`: the token endpoint said no
 * - `rejected`: the server does not accept the token it got
 * - `insufficient_scope`: the server wants more than can be had
 * - `unsupported_token`: the token is of a kind that is not known here
 * - `storage_failed`: tokens could not be read or kept
 */
export type AuthErrorCode =
  | 'invalid_options'
  | 'unsafe_url'
  | 'unreachable'
  | 'no_metadata'
  | 'resource_mismatch'
  | 'issuer_mismatch'
  | 'pkce_unsupported'
  | 'no_client_id'
  | 'registration_refused'
  | 'wrong_authorization_server'
  | 'no_redirect'
  | 'redirect_failed'
  | 'denied'
  | 'token_refused'
  | 'rejected'
  | 'insufficient_scope'
  | 'unsupported_token'
  | 'storage_failed'

/** What is known about the failure; never a token, a code, a secret or a verifier. */
export interface AuthEvidence {
  /** The authorization server. */
  readonly issuer?: string | undefined
  /** The document or endpoint, without its query. */
  readonly url?: string | undefined
  /** HTTP status that came. */
  readonly status?: number | undefined
  /** The `error` of OAuth that came, such as `invalid_grant`; one of RFC 6749's characters. */
  readonly oauthError?: string | undefined
  /** Scopes that were wanted. */
  readonly scopes?: readonly string[] | undefined
  readonly cause?: unknown
}

/** Somebody had to be logged in and is not. The message says what to do and holds no secret. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode
  readonly issuer: string | undefined
  readonly url: string | undefined
  readonly status: number | undefined
  readonly oauthError: string | undefined
  readonly scopes: readonly string[] | undefined

  constructor(code: AuthErrorCode, message: string, evidence: AuthEvidence = {}) {
    super(message, evidence.cause === undefined ? undefined : { cause: evidence.cause })
    this.code = code
    this.issuer = evidence.issuer
    this.url = evidence.url
    this.status = evidence.status
    this.oauthError = evidence.oauthError
    this.scopes = evidence.scopes
  }
}
