import type { JsonObject } from '@bao-mcp/protocol/engine'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** The moment all tests take place in. */
export const NOW = 1_800_000_000_000
export const RESOURCE = 'https://mcp.example.com/mcp'

type Algorithm = 'ES256' | 'RS256' | 'EdDSA'

/** An issuer on loopback; dies with its block. */
export interface Issuer extends AsyncDisposable {
  readonly url: string
  readonly jwksUrl: string
  /** Paths that were fetched, in order. */
  readonly fetched: readonly string[]
  /** What the paths answer; free to change. */
  readonly pages: Map<string, () => Response | Promise<Response>>
  /** A token of this issuer for the resource, valid for five minutes; members that are undefined are left out. */
  sign(claims?: JsonObject, header?: JsonObject): Promise<string>
  /** Signs with a new key from now on, and publishes it instead of the one before. */
  rotate(keyId: string): Promise<void>
  /** The public key as it is published. */
  publicKey(): Promise<JsonObject>
}

export async function startIssuer(algorithm: Algorithm = 'ES256'): Promise<Issuer> {
  const fetched: string[] = []
  const pages = new Map<string, () => Response | Promise<Response>>()
  let pair = await generateKeyPair(algorithm)
  let keyId = 'first'
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url)
      fetched.push(pathname)
      return pages.get(pathname)?.() ?? new Response('nothing here', { status: 404 })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  const jwksUrl = `${url}/keys`

  async function publicKey(): Promise<JsonObject> {
    return { ...(await exportJWK(pair.publicKey)), kid: keyId, alg: algorithm, use: 'sig' }
  }

  pages.set('/keys', async () => Response.json({ keys: [await publicKey()] }))
  pages.set('/.well-known/oauth-authorization-server', () => Response.json({ issuer: url, jwks_uri: jwksUrl }))
  return {
    url,
    jwksUrl,
    fetched,
    pages,
    sign(claims = {}, header = {}) {
      const seconds = NOW / 1000
      const all = { iss: url, aud: RESOURCE, sub: 'ada', iat: seconds, exp: seconds + 300, ...claims }
      return new SignJWT(defined(all))
        .setProtectedHeader({ alg: algorithm, ...defined({ kid: keyId, typ: 'at+jwt', ...header }) })
        .sign(pair.privateKey)
    },
    async rotate(next) {
      pair = await generateKeyPair(algorithm)
      keyId = next
    },
    publicKey,
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}

function defined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** A JWT put together by hand, with whatever signature. */
export function forge(header: object, claims: object, signature: string = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(claims)}.${signature}`
}
