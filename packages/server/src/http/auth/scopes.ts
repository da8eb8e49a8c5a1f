import { INSUFFICIENT_SCOPE, type JsonObject, RpcError } from '@bao-mcp/protocol/engine'

/** What a scope contains besides itself, such as `files:write` containing `files:read`. */
export type ImpliedScopes = (scope: string) => readonly string[]

/** More scopes than this are not followed from one token; what lies behind them is not granted. */
const MAX_IMPLIED_SCOPES = 1000

/** scope-token of RFC 6749 section 3.3 */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** A call whose token was not granted what the call needs: HTTP 403, code -31998 with `{ scopes }` as data. */
export class InsufficientScopeError extends RpcError {
  override readonly name = 'InsufficientScopeError'
  /** Every scope the operation needs, granted or not. */
  readonly scopes: readonly string[]

  constructor(scopes: readonly string[]) {
    const data: JsonObject = { scopes: [...scopes] }
    super(INSUFFICIENT_SCOPE, `this needs an access token with the scopes: ${scopes.join(' ')}`, data)
    this.scopes = scopes
  }
}

/**
 * Those of the needed scopes that are neither granted nor implied by a granted one, in the order they were asked for.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#scope-challenge-handling
 */
export function missingScopes(
  granted: readonly string[],
  needed: readonly string[],
  implies?: ImpliedScopes,
): readonly string[] {
  const missing = needed.filter((scope) => !granted.includes(scope))
  if (missing.length === 0 || implies === undefined) return missing
  const all = withImplied(granted, implies)
  return missing.filter((scope) => !all.has(scope))
}

/** Everything the granted scopes stand for. Follows implications of implications, and ends for those that go in circles. */
export function withImplied(granted: readonly string[], implies: ImpliedScopes): ReadonlySet<string> {
  const all = new Set(granted)
  // a set that grows while it is walked gives out what was added as well
  for (const scope of all) {
    for (const implied of implies(scope)) {
      if (all.size >= MAX_IMPLIED_SCOPES) return all
      all.add(implied)
    }
  }
  return all
}

/** True for what may stand in a scope list without breaking out of it. */
export function isScope(value: unknown): value is string {
  return typeof value === 'string' && SCOPE.test(value)
}

/**
 * The scopes as they will be challenged with, once each.
 * @param where names the option in the error
 * @throws {TypeError} for what is no scope, and for `offline_access`, which is between the client and its issuer
 */
export function checkedScopes(scopes: readonly string[], where: string): readonly string[] {
  for (const scope of scopes) {
    if (!isScope(scope)) {
      throw new TypeError(
        `${where}: ${JSON.stringify(scope)} is no scope; one is printable ASCII without space, " and \\`,
      )
    }
    if (scope === 'offline_access') {
      throw new TypeError(
        `${where}: offline_access is no scope of a resource; clients ask their issuer for it themselves`,
      )
    }
  }
  return [...new Set(scopes)]
}
