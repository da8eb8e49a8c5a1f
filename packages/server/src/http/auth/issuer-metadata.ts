import { DocumentError, type FetchLimits, fetchDocument } from './fetch-document.ts'
import { isLoopback, secureUrl } from './secure-url.ts'

/**
 * Asks an issuer where its keys are: RFC 8414 first, then OpenID Connect.
 * @throws {DocumentError} when no document is there that is this issuer's own and names its keys
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
export async function discoverJwksUrl(issuer: string, limits: FetchLimits): Promise<URL> {
  const faults: DocumentError[] = []
  for (const url of metadataUrls(issuer)) {
    try {
      const document = await fetchDocument(url, limits)
      // "MUST be identical to the authorization server's issuer identifier value": no normalisation
      if (document.issuer !== issuer) throw new DocumentError(`${url.href} is the metadata of another issuer`)
      return jwksUrlOf(document.jwks_uri, issuer, url)
    } catch (fault) {
      if (!(fault instanceof DocumentError)) throw fault
      faults.push(fault)
    }
  }
  const why = faults.map(({ message }) => message).join('; ')
  throw new DocumentError(`the keys of ${issuer} were not found: ${why}`, { cause: faults[0] })
}

/** Checks where keys are fetched from; only an issuer on this machine may have them on this machine without TLS. */
function jwksUrlOf(value: unknown, issuer: string, document: URL): URL {
  if (typeof value !== 'string') throw new DocumentError(`${document.href} names no jwks_uri`)
  let url: URL
  try {
    url = secureUrl(value, `jwks_uri of ${document.href}`)
  } catch (fault) {
    throw new DocumentError(fault instanceof Error ? fault.message : String(fault))
  }
  if (isLoopback(url) && !isLoopback(new URL(issuer))) {
    throw new DocumentError(`jwks_uri of ${document.href} leads to this machine`)
  }
  return url
}

function metadataUrls(issuer: string): URL[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => new URL(`${origin}/.well-known/${name}${path}`),
  )
  return path === '' ? inserted : [...inserted, new URL(`${origin}${path}/.well-known/openid-configuration`)]
}
