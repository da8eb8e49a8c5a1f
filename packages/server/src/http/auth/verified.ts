import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { AuthInfo } from './auth-info.ts'

/**
 * A copy of what a verifier found, frozen throughout, because one of it serves many requests.
 * @throws {TypeError} when it could not tell one caller from another, or holds the token
 */
export function ownAuthInfo(found: AuthInfo, token: string): AuthInfo {
  const { principal, scopes, clientId, expiresAt, claims } = found
  if (typeof principal !== 'string' || principal === '') {
    throw new TypeError('a verifier must name a principal, a string that is not empty')
  }
  if (principal.includes(token)) throw new TypeError('a principal must not hold the token')
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) {
    throw new TypeError('a verifier must list the scopes, an array of strings')
  }
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {
    throw new TypeError(`expiresAt must be epoch milliseconds, got ${expiresAt}`)
  }
  if (claims !== undefined && !isJsonObject(claims)) throw new TypeError('claims must be a JSON object')
  return Object.freeze({
    principal,
    scopes: Object.freeze([...scopes]),
    ...(clientId !== undefined && { clientId }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(claims !== undefined && { claims: frozenCopy(claims) }),
  })
}

function frozenCopy(claims: JsonObject): JsonObject {
  const copy = structuredClone(claims)
  const open: unknown[] = [copy]
  for (const value of open) {
    if (typeof value !== 'object' || value === null) continue
    Object.freeze(value)
    for (const inner of Object.values(value)) open.push(inner)
  }
  return copy
}
