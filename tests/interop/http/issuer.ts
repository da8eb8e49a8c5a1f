/** The smallest authorization server: whoever asks gets the token that is named by the code. */
export interface Issuer extends AsyncDisposable {
  readonly url: string
  /** Where users would have been sent. */
  readonly asked: URL[]
  /** What was exchanged for tokens. */
  readonly exchanged: URLSearchParams[]
}

/** Scopes by token, as our server knows them as well. */
const SCOPES: Readonly<Record<string, string>> = { reader: 'mcp', admin: 'mcp admin' }

export function startIssuer(): Issuer {
  const asked: URL[] = []
  const exchanged: URLSearchParams[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    routes: {
      '/.well-known/oauth-authorization-server': ({ url }) => {
        const issuer = new URL(url).origin
        return Response.json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          response_types_supported: ['code'],
          grant_types_supported: ['authorization_code'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
        })
      },
      '/token': {
        async POST(request) {
          const form = new URLSearchParams(await request.text())
          exchanged.push(form)
          const code = form.get('code') ?? ''
          return Response.json({ access_token: code, token_type: 'Bearer', scope: SCOPES[code] ?? '' })
        },
      },
    },
    fetch: () => new Response(null, { status: 404 }),
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    exchanged,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

interface Tokens {
  access_token: string
  token_type: string
}

export interface User {
  readonly redirectUrl: string
  readonly clientMetadata: { client_name: string; redirect_uris: string[] }
  clientInformation(): { client_id: string }
  tokens(): Tokens | undefined
  saveTokens(given: Tokens): void
  redirectToAuthorization(url: URL): void
  saveCodeVerifier(given: string): void
  codeVerifier(): string
}

/** What an official client keeps of one user, in the form both generations take. */
export function createUser({ asked }: Issuer): User {
  let tokens: Tokens | undefined
  let verifier = ''
  return {
    redirectUrl: 'http://127.0.0.1:1/callback',
    clientMetadata: { client_name: 'test', redirect_uris: ['http://127.0.0.1:1/callback'] },
    clientInformation: () => ({ client_id: 'test' }),
    tokens: () => tokens,
    saveTokens(given: Tokens) {
      tokens = given
    },
    redirectToAuthorization(url: URL) {
      asked.push(url)
    },
    saveCodeVerifier(given: string) {
      verifier = given
    },
    codeVerifier: () => verifier,
  }
}
