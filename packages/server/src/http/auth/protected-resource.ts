import type { AuthSettings } from './options.ts'
import { metadataPaths, WELL_KNOWN_RESOURCE } from './resource-uri.ts'

const MAX_AGE_SECONDS = 3600

/**
 * Answers the requests for the metadata of a protected resource; undefined for every other request.
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3
 */
export function metadataResponder(settings: AuthSettings): (request: Request) => Response | undefined {
  const document = JSON.stringify({
    resource: settings.resource,
    authorization_servers: settings.authorizationServers,
    ...(settings.scopesSupported.length > 0 && { scopes_supported: settings.scopesSupported }),
    bearer_methods_supported: ['header'],
    ...(settings.resourceName !== undefined && { resource_name: settings.resourceName }),
    ...(settings.resourceDocumentation !== undefined && { resource_documentation: settings.resourceDocumentation }),
  })
  const paths = metadataPaths(settings.resource)
  return (request) => {
    const { method, url } = request
    if (!url.includes(WELL_KNOWN_RESOURCE) || !paths.includes(URL.parse(url)?.pathname ?? '')) return undefined
    if (method === 'GET') return new Response(document, { headers: documentHeaders })
    return method === 'OPTIONS' ? new Response(null, { status: 204, headers: preflightHeaders }) : undefined
  }
}

const cors = { 'access-control-allow-origin': '*' }
const documentHeaders = {
  ...cors,
  'content-type': 'application/json',
  'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
}
const preflightHeaders = {
  ...cors,
  'access-control-allow-methods': 'GET, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': String(MAX_AGE_SECONDS),
}
