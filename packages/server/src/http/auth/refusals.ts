import { INTERNAL_ERROR, INVALID_REQUEST, type JsonRpcErrorObject, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { AuthSettings } from './options.ts'
import { InsufficientScopeError, isScope } from './scopes.ts'

/** The answers to requests that are not let in. Each call makes a response of its own. */
export interface Refusals {
  /** 401 for a request without a token. @param message tells the caller what to send */
  unauthenticated(message: string): Response
  /** 401 for a token that is not accepted. */
  invalidToken(description: string): Response
  /** 400 for a request whose credentials cannot be read. */
  malformed(description: string): Response
  /** 403 for a token that was not granted enough. @param scopes everything the operation needs */
  insufficientScope(scopes: readonly string[], missing: readonly string[]): Response
  /** 503 when this side could not find out. */
  unavailable(): Response
  /** 503 when more tokens came than are checked at once. */
  busy(): Response
}

const MAX_DESCRIPTION_LENGTH = 300
const RETRY_AFTER_SECONDS = 5
/** Checks are soon over. */
const RETRY_BUSY_AFTER_SECONDS = 1

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export function createRefusals({ metadataUrl, scopes: baseScopes, maxVerifying }: AuthSettings): Refusals {
  /** "If the request lacks any authentication information", the challenge has no error. */
  function challenge(scopes: readonly string[], error?: string, description?: string): Record<string, string> {
    const parameters: string[] = []
    if (error !== undefined) parameters.push(`error=${quoted(error)}`)
    if (description !== undefined) parameters.push(`error_description=${quoted(plain(description))}`)
    parameters.push(`resource_metadata=${quoted(metadataUrl)}`)
    if (scopes.length > 0) parameters.push(`scope=${quoted(scopes.join(' '))}`)
    return { 'www-authenticate': `Bearer ${parameters.join(', ')}` }
  }

  return {
    unauthenticated(message) {
      return refusal(401, { code: INVALID_REQUEST, message }, challenge(baseScopes))
    },
    invalidToken(description) {
      const error: JsonRpcErrorObject = { code: INVALID_REQUEST, message: plain(description) }
      return refusal(401, error, challenge(baseScopes, 'invalid_token', description))
    },
    malformed(description) {
      const error: JsonRpcErrorObject = { code: INVALID_REQUEST, message: plain(description) }
      return refusal(400, error, challenge(baseScopes, 'invalid_request', description))
    },
    insufficientScope(scopes, missing) {
      const named = scopes.filter(isScope)
      const description = `the access token lacks: ${missing.filter(isScope).join(' ')}`
      const error = new InsufficientScopeError(named).toObject()
      return refusal(403, error, challenge(named, 'insufficient_scope', description))
    },
    unavailable() {
      const message = 'the access token could not be checked at the moment; try again'
      return refusal(503, { code: INTERNAL_ERROR, message }, { 'retry-after': String(RETRY_AFTER_SECONDS) })
    },
    busy() {
      const message = `the server is busy: ${maxVerifying} access tokens are being checked, which is the limit (maxVerifying)`
      return refusal(503, { code: SERVER_BUSY, message }, { 'retry-after': String(RETRY_BUSY_AFTER_SECONDS) })
    },
  }
}

/** The characters RFC 6750 allows in a description. What a verifier says may repeat what a token says. */
function plain(text: string): string {
  const cut = text.slice(0, MAX_DESCRIPTION_LENGTH).replaceAll('"', "'").replaceAll('\\', '/')
  return cut.replace(/[^\x20-\x7e]/g, '?')
}

/** For texts that cannot end the string: constants, URLs as the parser writes them, scopes by their grammar, plain(). */
function quoted(text: string): string {
  return `"${text}"`
}

function refusal(status: number, error: JsonRpcErrorObject, headers: Record<string, string>): Response {
  return new Response(JSON.stringify({ jsonrpc: '2.0', error }), {
    status,
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
}
