import {
  type AuthorizeOptions,
  type Authorizer,
  type FollowRedirect,
  type OAuthOptions,
  oauth,
} from '../src/auth/index.ts'

/** Where the redirect of {@link followHere} ends; nothing listens there. */
export const REDIRECT_URI = 'http://127.0.0.1/callback'

type Page = (request: Request) => Response | Promise<Response>

/** A web server on loopback that answers from a table; dies with its block. */
export interface Site extends AsyncDisposable {
  readonly url: string
  /** `GET /path` of every request, in order. */
  readonly asked: readonly string[]
  /** Answers by path; free to change. */
  readonly pages: Map<string, Page>
}

export function startSite(pages: Record<string, Page> = {}): Site {
  const asked: string[] = []
  const table = new Map(Object.entries(pages))
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url)
      asked.push(`${request.method} ${pathname}`)
      return table.get(pathname)?.(request) ?? new Response('nothing here', { status: 404 })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked,
    pages: table,
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}

export interface AuthorizationSite extends Site {
  /** Queries of the authorization requests, in order. */
  readonly logins: readonly URLSearchParams[]
  /** Forms of the token requests with the `Authorization` header, in order. */
  readonly grants: readonly (URLSearchParams & { authorization?: string | null })[]
  /** Bodies of the registrations, in order. */
  readonly registrations: readonly Record<string, unknown>[]
  /** Members of the metadata; undefined leaves one out. */
  readonly metadata: Record<string, unknown>
  /** Members of the next token answers; undefined leaves one out. */
  readonly tokenAnswer: Record<string, unknown>
  /** Scopes of each access token that is valid. */
  readonly valid: Map<string, string[]>
  /** Access tokens in the order they were given. */
  readonly given: readonly string[]
  /** Changes what the person is sent back with. */
  answerLogin: (back: URL, query: URLSearchParams) => URL
  /** Scopes that are granted of those asked for. */
  grantScopes: (asked: string[]) => string[]
  /** Refresh tokens that were used a second time. */
  readonly reused: readonly string[]
}

/** An authorization server that logs everybody in at once, rotates refresh tokens and notices when one is used twice. */
export function startAuthorizationServer(): AuthorizationSite {
  const logins: URLSearchParams[] = []
  const grants: (URLSearchParams & { authorization?: string | null })[] = []
  const registrations: Record<string, unknown>[] = []
  const codes = new Map<string, { challenge: string; scopes: string[]; redirectUri: string }>()
  const refreshes = new Map<string, { scopes: string[]; used: boolean }>()
  const valid = new Map<string, string[]>()
  const given: string[] = []
  const reused: string[] = []
  let count = 0
  const site = startSite()
  const metadata: Record<string, unknown> = {
    issuer: site.url,
    authorization_endpoint: `${site.url}/authorize`,
    token_endpoint: `${site.url}/token`,
    registration_endpoint: `${site.url}/register`,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  }
  const tokenAnswer: Record<string, unknown> = { expires_in: 3600 }

  function issue(scopes: string[]): Response {
    const [access, refresh] = [`access-${++count}-secret`, `refresh-${count}-secret`]
    valid.set(access, scopes)
    given.push(access)
    refreshes.set(refresh, { scopes, used: false })
    const scope = scopes.length > 0 ? { scope: scopes.join(' ') } : {}
    return Response.json({
      access_token: access,
      token_type: 'Bearer',
      refresh_token: refresh,
      ...scope,
      ...tokenAnswer,
    })
  }

  const refuse = (error: string): Response => Response.json({ error }, { status: 400 })

  async function token(request: Request): Promise<Response> {
    const form: URLSearchParams & { authorization?: string | null } = new URLSearchParams(await request.text())
    form.authorization = request.headers.get('authorization')
    grants.push(form)
    if (form.get('grant_type') === 'refresh_token') {
      const sent = form.get('refresh_token') ?? ''
      const known = refreshes.get(sent)
      if (known === undefined) return refuse('invalid_grant')
      if (known.used) {
        reused.push(sent)
        valid.clear()
        return refuse('invalid_grant')
      }
      known.used = true
      return issue(known.scopes)
    }
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const digest = new Bun.CryptoHasher('sha256').update(form.get('code_verifier') ?? '').digest('base64url')
    if (code === undefined || digest !== code.challenge || form.get('redirect_uri') !== code.redirectUri) {
      return refuse('invalid_grant')
    }
    return issue(code.scopes)
  }

  const made: AuthorizationSite = {
    ...site,
    logins,
    grants,
    registrations,
    metadata,
    tokenAnswer,
    valid,
    given,
    reused,
    answerLogin: (back) => back,
    grantScopes: (asked) => asked,
  }
  site.pages.set('/.well-known/oauth-authorization-server', () => Response.json(metadata))
  site.pages.set('/authorize', (request) => {
    const { searchParams: query } = new URL(request.url)
    logins.push(query)
    const code = `code-${++count}-secret`
    const scopes = made.grantScopes((query.get('scope') ?? '').split(' ').filter(Boolean))
    const redirectUri = query.get('redirect_uri') ?? ''
    codes.set(code, { challenge: query.get('code_challenge') ?? '', scopes, redirectUri })
    const back = new URL(redirectUri)
    back.searchParams.set('code', code)
    back.searchParams.set('state', query.get('state') ?? '')
    back.searchParams.set('iss', String(metadata.issuer))
    return new Response(null, { status: 302, headers: { location: made.answerLogin(back, query).href } })
  })
  site.pages.set('/register', async (request) => {
    const body: unknown = await request.json()
    const asked = Object(body) as Record<string, unknown>
    registrations.push(asked)
    const { redirect_uris, token_endpoint_auth_method } = asked
    return Response.json({ client_id: `client-${++count}`, redirect_uris, token_endpoint_auth_method }, { status: 201 })
  })
  site.pages.set('/token', token)
  return made
}

export interface ProtectedSite extends Site {
  /** The MCP endpoint. */
  readonly mcp: URL
  /** Members of the resource metadata. */
  readonly metadata: Record<string, unknown>
  /** `Authorization` of every request to the endpoint. */
  readonly tokens: readonly (string | null)[]
  /** The challenge of a 401, after the word Bearer. */
  challenge: string
  /** Scopes that an operation, named by its body, needs. */
  readonly needs: Map<string, string[]>
}

/** An MCP server, as far as authorization goes: it takes the tokens of one authorization server. */
export function startProtectedServer(login: AuthorizationSite): ProtectedSite {
  const tokens: (string | null)[] = []
  const needs = new Map<string, string[]>()
  const site = startSite()
  const mcp = new URL(`${site.url}/mcp`)
  const metadataPath = '/.well-known/oauth-protected-resource/mcp'
  const metadata: Record<string, unknown> = { resource: mcp.href, authorization_servers: [login.url] }
  const made: ProtectedSite = {
    ...site,
    mcp,
    metadata,
    tokens,
    challenge: `resource_metadata="${site.url}${metadataPath}"`,
    needs,
  }
  site.pages.set(metadataPath, () => Response.json(metadata))
  site.pages.set('/mcp', async (request) => {
    const authorization = request.headers.get('authorization')
    tokens.push(authorization)
    const scopes = login.valid.get(authorization?.replace(/^Bearer /, '') ?? '')
    if (scopes === undefined) {
      return new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer ${made.challenge}` } })
    }
    const wanted = needs.get(await request.text()) ?? []
    if (wanted.every((scope) => scopes.includes(scope))) return new Response('welcome')
    const challenge = `Bearer error="insufficient_scope", scope="${wanted.join(' ')}", ${made.challenge}`
    return new Response(null, { status: 403, headers: { 'www-authenticate': challenge } })
  })
  return made
}

/** Logs in without a person: reads where the authorization server would send the browser. */
export const followHere: FollowRedirect = async (url, { signal }) => {
  const response = await fetch(url, { redirect: 'manual', ...(signal && { signal }) })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`the authorization server answered ${response.status} and no redirect`)
  return new URL(location)
}

/** `oauth()` that logs in without a person. */
export function oauthHere(options: OAuthOptions = {}): Authorizer {
  return oauth({ redirect: followHere, redirectUri: REDIRECT_URI, ...options })
}

/** Most times one request is sent; more is an endless loop. */
const MAX_SENDS = 10

/** One request as a transport sends it; resolves to the last answer. */
export async function send(
  authorizer: Authorizer,
  url: URL,
  options: AuthorizeOptions & { body?: string } = {},
): Promise<Response> {
  const request = { method: 'POST', url }
  for (let sends = 0; sends < MAX_SENDS; sends++) {
    const sent = await authorizer.authorize(request, options)
    const answer = await fetch(url, { method: 'POST', headers: { ...sent }, body: options.body ?? '' })
    if (answer.status !== 401 && answer.status !== 403) return answer
    await answer.body?.cancel()
    if (!(await authorizer.challenged(answer, request, { ...options, sent }))) return answer
  }
  throw new Error(`it was sent ${MAX_SENDS} times`)
}

export interface OAuthWorld extends AsyncDisposable {
  readonly login: AuthorizationSite
  readonly server: ProtectedSite
}

/** An authorization server and an MCP server that takes its tokens; both die with their block. */
export function startOAuthWorld(): OAuthWorld {
  const login = startAuthorizationServer()
  const server = startProtectedServer(login)
  return {
    login,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await login[Symbol.asyncDispose]()
    },
  }
}
