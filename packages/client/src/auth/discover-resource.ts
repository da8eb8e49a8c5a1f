import type { JsonObject } from '@bao-mcp/protocol/engine'
import { type AuthHttp, askJson } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import { safeUrl, withoutQuery } from './safe-url.ts'
import { readScopeList } from './scopes.ts'

/** Most authorization servers of one resource that are looked at. */
export const MAX_AUTHORIZATION_SERVERS = 20

/** What a server says about the tokens it takes. */
export interface ProtectedResource {
  /** The name tokens are asked for, exactly as it was published. */
  readonly resource: string
  /** Issuers as they were published; at least one. */
  readonly authorizationServers: readonly string[]
  readonly scopesSupported: readonly string[] | undefined
}

export interface DiscoverResourceOptions {
  http: AuthHttp
  /** `resource_metadata` of the challenge. */
  metadataUrl?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * Fetches the metadata of a protected resource: from where the challenge says, else at the well-known place under its
 * path, else at the root. Undefined when there is none at a well-known place, as with servers older than that document.
 * @throws {AuthError} `resource_mismatch`, `no_metadata`, `unsafe_url`, `unreachable`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#authorization-server-location
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
export async function discoverResource(
  server: URL,
  { http, metadataUrl, signal }: DiscoverResourceOptions,
): Promise<ProtectedResource | undefined> {
  if (metadataUrl !== undefined) {
    const url = safeUrl(metadataUrl, { what: `resource_metadata of ${server.origin}`, namedBy: server })
    const { status, body } = await askJson(url, { signal }, http)
    if (status === 200 && body !== undefined) return readResource(body, url, server)
    const message = `${withoutQuery(url)} answered ${status} and no metadata, although ${server.origin} pointed there; its operator has to repair that`
    throw new AuthError('no_metadata', message, { url: withoutQuery(url), status })
  }
  for (const url of wellKnownUrls(server)) {
    const { status, body } = await askJson(url, { signal }, http)
    if (status === 200 && body !== undefined) return readResource(body, url, server)
    // a server that cannot answer now must not be taken for one that has no metadata
    if (status >= 500 || status === 429) {
      throw new AuthError('unreachable', `${withoutQuery(url)} answered ${status}; try again later`, {
        url: withoutQuery(url),
        status,
      })
    }
  }
  return undefined
}

/**
 * A server's own URI as tokens are asked for where it publishes none: scheme and host in lower case, no fragment, no
 * query, and without the slash of an empty path.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#canonical-server-uri
 */
export function canonicalResource(server: URL): string {
  return server.pathname === '/' ? server.origin : server.origin + server.pathname
}

function wellKnownUrls({ origin, pathname, search }: URL): URL[] {
  const root = `${origin}/.well-known/oauth-protected-resource`
  const path = (pathname === '/' ? '' : pathname) + search
  return path === '' ? [new URL(root)] : [new URL(root + path), new URL(root)]
}

function readResource(body: JsonObject, url: URL, server: URL): ProtectedResource {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = body
  const at = withoutQuery(url)
  if (typeof resource !== 'string' || !covers(resource, server)) {
    const got = typeof resource === 'string' ? JSON.stringify(resource.slice(0, 200)) : 'none'
    const message = `${at} is about the resource ${got}, expected ${JSON.stringify(canonicalResource(server))}; a token for it could be meant for somebody else`
    throw new AuthError('resource_mismatch', message, { url: at })
  }
  const issuers = Array.isArray(servers) ? servers.filter((issuer): issuer is string => typeof issuer === 'string') : []
  if (issuers.length === 0 || issuers.length > MAX_AUTHORIZATION_SERVERS) {
    const message = `${at} must name 1 to ${MAX_AUTHORIZATION_SERVERS} authorization_servers, got ${issuers.length}`
    throw new AuthError('no_metadata', message, { url: at })
  }
  return { resource, authorizationServers: issuers, scopesSupported: readScopeList(scopes) }
}

/** True when the resource is the server at hand, or a path above it on the same origin. */
function covers(resource: string, server: URL): boolean {
  if (!URL.canParse(resource) || resource.includes('#')) return false
  const { origin, pathname, search, username, password } = new URL(resource)
  if (origin !== server.origin || username !== '' || password !== '') return false
  if (search !== '' && search !== server.search) return false
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
  return `${server.pathname}/`.startsWith(folder)
}
