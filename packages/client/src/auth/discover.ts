import type { AuthHttp } from './ask-json.ts'
import { AuthError } from './auth-error.ts'
import type { Challenge } from './challenge.ts'
import { canonicalResource, discoverResource } from './discover-resource.ts'
import { type AuthorizationServer, discoverOriginServer, discoverServer } from './discover-server.ts'
import { safeUrl } from './safe-url.ts'

/** Who gives tokens for a server, and how they are asked for. */
export interface Discovery {
  /** Value of the `resource` parameter, exactly as published. */
  readonly resource: string
  /** `scopes_supported` of the resource. */
  readonly scopesSupported: readonly string[] | undefined
  readonly server: AuthorizationServer
}

export interface DiscoverOptions {
  http: AuthHttp
  /** The challenge at hand, when there is one. */
  challenge?: Challenge | undefined
  /** Picks one of several issuers. Default: the first. */
  chooseServer?: ((issuers: readonly string[]) => string) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Finds out who gives tokens for a server.
 * @throws {AuthError} `resource_mismatch`, `issuer_mismatch`, `no_metadata`, `unsafe_url`, `unreachable`
 * @throws the signal's reason
 */
export async function discover(
  server: URL,
  { http, challenge, chooseServer = first, signal }: DiscoverOptions,
): Promise<Discovery> {
  // tokens will be sent there
  safeUrl(server.href.replace(/#.*$/, ''), { what: 'a server that wants tokens', namedBy: server })
  const found = await discoverResource(server, { http, metadataUrl: challenge?.resourceMetadata, signal })
  if (found === undefined) {
    const resource = canonicalResource(server)
    return { resource, scopesSupported: undefined, server: await discoverOriginServer(server, { http, signal }) }
  }
  const issuer = chooseServer(found.authorizationServers)
  if (!found.authorizationServers.includes(issuer)) {
    const message = `chooseServer chose ${JSON.stringify(issuer)}, expected one of ${JSON.stringify(found.authorizationServers)}`
    throw new AuthError('invalid_options', message)
  }
  const chosen = await discoverServer(issuer, { http, namedBy: server, signal })
  return { resource: found.resource, scopesSupported: found.scopesSupported, server: chosen }
}

function first(issuers: readonly string[]): string {
  return issuers[0] ?? ''
}
