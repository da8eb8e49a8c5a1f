import { describe, expect, test } from 'bun:test'
import { jwtVerify } from 'jose'
import { type MachineWorld, pemPair, refuseWith, startMachineWorld } from '../../test/machine-kit.ts'
import { type Site, send, startSite } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { Authorizer } from './authorizer.ts'
import { type EnterpriseManagedOptions, enterpriseManaged, type IdentityProvider } from './enterprise-managed.ts'

const ID_TOKEN = 'aWQ.dG9rZW4.c2VjcmV0'
const GRANT = 'amFn.Z3JhbnQ.c2VjcmV0'
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'

interface Company extends Site {
  readonly forms: URLSearchParams[]
  readonly headers: Headers[]
  /** What the next exchanges answer. */
  answer: () => Response
}

/** An identity provider that exchanges every login for a grant. */
function startCompany(): Company {
  const forms: URLSearchParams[] = []
  const headers: Headers[] = []
  const site = startSite({
    '/.well-known/openid-configuration': () =>
      Response.json({ issuer: site.url, token_endpoint: `${site.url}/exchange` }),
    '/exchange': async (request) => {
      forms.push(new URLSearchParams(await request.text()))
      headers.push(request.headers)
      return company.answer()
    },
  })
  const answer = (): Response =>
    Response.json({ access_token: GRANT, issued_token_type: ID_JAG, token_type: 'N_A', expires_in: 300 })
  const company: Company = { ...site, forms, headers, answer }
  return company
}

function worker(
  company: Company,
  idp: Partial<IdentityProvider> = {},
  options: Partial<EnterpriseManagedOptions> = {},
): Authorizer {
  return enterpriseManaged({
    clientId: 'app',
    clientSecret: 'app/secret',
    idp: { issuer: company.url, clientId: 'app-at-company', subjectToken: () => ID_TOKEN, ...idp },
    ...options,
  })
}

const basicOf = ({ requests }: MachineWorld): string =>
  atob(requests[0]?.headers.get('authorization')?.replace('Basic ', '') ?? '')

describe('a login at the company', () => {
  test('becomes a grant there, and the grant a token at the authorization server, without a page for anybody', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    const { login, server, requests, tokens } = world
    server.metadata.scopes_supported = ['read']
    const authorizer = worker(company)
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(company.forms.map((form) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requested_token_type: ID_JAG,
        audience: login.url,
        resource: server.mcp.href,
        scope: 'read',
        subject_token: ID_TOKEN,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        client_id: 'app-at-company',
      },
    ])
    expect(requests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: GRANT,
        resource: server.mcp.href,
        scope: 'read',
      },
    ])
    expect(basicOf(world)).toBe('app:app%2Fsecret')
    expect(login.logins).toEqual([])
    expect(server.tokens.at(-1)).toBe(`Bearer ${tokens[0]}`)
  })

  test('may be known by SAML, at an endpoint that was configured, under a secret of its own', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    const authorizer = worker(company, {
      tokenEndpoint: `${company.url}/exchange`,
      clientSecret: 'other',
      subjectToken: async () => 'PHNhbWw+',
      subjectTokenType: 'saml2',
    })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(company.asked).toEqual(['POST /exchange'])
    expect(company.forms[0]?.get('subject_token_type')).toBe('urn:ietf:params:oauth:token-type:saml2')
    expect(company.headers[0]?.get('authorization')).toBe(`Basic ${btoa('app-at-company:other')}`)
  })

  test('may be exchanged by a client with a private key, on both sides', async () => {
    await using world = startMachineWorld({ token_endpoint_auth_methods_supported: ['private_key_jwt'] })
    await using company = startCompany()
    const { pem, publicKey } = await pemPair()
    const key = { privateKey: pem, algorithm: 'ES256' }
    const { url } = company
    const subjectToken = (): string => ID_TOKEN
    const authorizer = enterpriseManaged({
      clientId: 'app',
      ...key,
      idp: { issuer: url, clientId: 'there', subjectToken, ...key },
    })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    const there = await jwtVerify(company.forms[0]?.get('client_assertion') ?? '', publicKey, { audience: url })
    const here = await jwtVerify(world.requests[0]?.form.get('client_assertion') ?? '', publicKey, {
      audience: world.login.url,
    })
    expect([there.payload.sub, here.payload.sub]).toEqual(['there', 'app'])
  })

  test('is exchanged again when the token is about to end, and the company is looked up once', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    const time = { now: 0 }
    const authorizer = worker(company, {}, { now: () => time.now })
    await send(authorizer, world.server.mcp)
    time.now += 3600_000
    await send(authorizer, world.server.mcp)
    expect(company.forms).toHaveLength(2)
    expect(company.asked.filter((each) => each.startsWith('GET'))).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
    ])
  })

  test('that has ended is an error that holds nothing of it', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    company.answer = refuseWith('invalid_grant', `${ID_TOKEN} is too old`)
    const error = await failure(send(worker(company), world.server.mcp))
    expect(error).toMatchObject({ code: 'token_refused', issuer: company.url, oauthError: 'invalid_grant' })
    expect(String(error)).toContain('[secret] is too old')
    expect(world.requests).toEqual([])
  })

  test('is missing as long as nobody logged in', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    const error = await failure(send(worker(company, { subjectToken: () => '' }), world.server.mcp))
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('subjectToken') })
    expect(company.forms).toEqual([])
  })

  test('is not exchanged for another authorization server than the one that was named [MCP-277]', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    const authorizer = worker(company, {}, { issuer: 'https://login.example.com' })
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'wrong_authorization_server' })
    expect(company.asked).toEqual([])
  })
})

describe('what a company gives instead of a grant', () => {
  const ACCESS = 'urn:ietf:params:oauth:token-type:access_token'
  test.each([
    [{ access_token: GRANT, issued_token_type: ACCESS, token_type: 'Bearer' }, ACCESS],
    [{ access_token: GRANT, issued_token_type: ID_TOKEN }, 'none of those'],
    [{ access_token: GRANT, token_type: 'N_A' }, 'none of those'],
    [{ issued_token_type: ID_JAG }, 'id-jag'],
    [{ access_token: 'opaque secret', issued_token_type: ID_JAG }, 'must be a JWT'],
  ])('is passed on to nobody, and not shown (%#)', async (answer, words) => {
    await using world = startMachineWorld()
    await using company = startCompany()
    company.answer = () => Response.json(answer)
    const error = await failure(send(worker(company), world.server.mcp))
    expect(error).toMatchObject({ code: 'unsupported_token', message: expect.stringContaining(words) })
    for (const secret of [GRANT, ID_TOKEN, 'opaque secret']) expect(String(error)).not.toContain(secret)
    expect(world.requests).toEqual([])
  })

  test('may be metadata of somebody else', async () => {
    await using world = startMachineWorld()
    await using company = startCompany()
    company.pages.set('/.well-known/openid-configuration', () => Response.json({ issuer: 'https://evil.example' }))
    expect(await failure(send(worker(company), world.server.mcp))).toMatchObject({ code: 'issuer_mismatch' })
    expect(company.forms).toEqual([])
  })
})

test.each<[Partial<IdentityProvider>, Partial<EnterpriseManagedOptions>, string]>([
  [{ issuer: 'http://login.example.com' }, {}, 'https'],
  [{ tokenEndpoint: 'file:///etc/passwd' }, {}, 'tokenEndpoint of idp must be https'],
  [{ clientId: '' }, {}, 'idp of enterpriseManaged() needs a clientId'],
  [{}, { clientSecret: '' }, 'enterpriseManaged() got an empty clientSecret'],
  [Object({ subjectToken: ID_TOKEN }), {}, 'needs the function subjectToken'],
])('options that cannot work are refused at once: %p %p', async (idp, options, words) => {
  await using company = startCompany()
  expect(() => worker(company, idp, options)).toThrow(words)
})
