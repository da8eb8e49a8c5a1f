import { AuthError } from './auth-error.ts'

/** Most scopes one token is asked for. */
export const MAX_SCOPES = 200

/** Asks for a refresh token, where the authorization server lists it. */
export const OFFLINE_ACCESS = 'offline_access'

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The scopes of a text, each once, in order; what is no scope is left out. */
export function parseScope(text: string): string[] {
  return [...new Set(text.split(/[ \t]+/).filter((scope) => SCOPE.test(scope)))]
}

/** The scopes of a list, each once, in order; undefined when it is no list. */
export function readScopeList(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined
  return [...new Set(value.filter((scope): scope is string => typeof scope === 'string' && SCOPE.test(scope)))]
}

export function unionOf(...lists: readonly (readonly string[] | undefined)[]): string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))]
}

export function includesAll(granted: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((scope) => granted.includes(scope))
}

export interface ScopeSources {
  /** Of the 401 or 403: authoritative where present. */
  challenged: readonly string[] | undefined
  /** What the user of the library asked for. */
  configured: readonly string[] | undefined
  /** `scopes_supported` of the resource. */
  resource: readonly string[] | undefined
  /** `scopes_supported` of the authorization server: says whether `offline_access` may be asked for. */
  server: readonly string[] | undefined
  /** Whether a refresh token is wanted. */
  offline: boolean
  /** What was asked for before and is not to be lost. */
  before: readonly string[] | undefined
}

/**
 * "Use scope parameter from the initial WWW-Authenticate header, if provided; otherwise all scopes defined in
 * scopes_supported, omitting the scope parameter if it is undefined."
 * @throws {AuthError} `no_metadata` past {@link MAX_SCOPES}
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-selection-strategy
 */
export function selectScopes({ challenged, configured, resource, server, offline, before }: ScopeSources): string[] {
  const wanted = unionOf(before, challenged ?? configured ?? resource)
  const scopes = offline && server?.includes(OFFLINE_ACCESS) === true ? unionOf(wanted, [OFFLINE_ACCESS]) : wanted
  if (scopes.length > MAX_SCOPES) {
    const message = `the server asks for ${scopes.length} scopes, ${MAX_SCOPES} at most (MAX_SCOPES); choose some with the option scopes`
    throw new AuthError('no_metadata', message)
  }
  return scopes
}
