import { secureUrl } from './secure-url.ts'

/** Where the metadata of a protected resource begins. @see https://www.rfc-editor.org/rfc/rfc9728#section-3 */
export const WELL_KNOWN_RESOURCE = '/.well-known/oauth-protected-resource'

/**
 * A server's URI as tokens are issued for it: scheme and host in lower case, no default port, no fragment, and without the
 * slash that stands for an empty path. Other slashes are part of the name: `/mcp` and `/mcp/` are two resources.
 * @throws {TypeError} when it is not https (or http on loopback), or has a query, a user or a fragment
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#canonical-server-uri
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 */
export function canonicalResource(resource: string | URL): string {
  const url = secureUrl(resource, 'auth.resource')
  if (url.href.includes('?')) throw new TypeError(`auth.resource must have no query, got ${JSON.stringify(url.href)}`)
  return url.pathname === '/' ? url.origin : url.href
}

/** Where the metadata of a canonical resource is found, at the root of its origin and under its own path. */
export function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource)
  return origin + WELL_KNOWN_RESOURCE + (pathname === '/' ? '' : pathname)
}

/** The paths under which the metadata of a resource is asked for: at the root of its origin, and under its own path. */
export function metadataPaths(resource: string | URL): readonly string[] {
  return [WELL_KNOWN_RESOURCE, new URL(metadataUrl(canonicalResource(resource))).pathname]
}
