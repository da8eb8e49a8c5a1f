import { describe, expect, test } from 'bun:test'
import { jwtVerify } from 'jose'
import { type MachineWorld, pemPair, refuseWith, startMachineWorld } from '../../test/machine-kit.ts'
import { send, startAuthorizationServer } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import type { Authorizer } from './authorizer.ts'
import { type ClientCredentialsOptions, clientCredentials } from './client-credentials.ts'
import { memoryTokens } from './token-store.ts'

const SECRET = 's3cret/of+machine'

function machine(options: Partial<ClientCredentialsOptions> = {}): Authorizer {
  return clientCredentials({ clientId: 'robot', clientSecret: SECRET, ...options })
}

function basicOf({ requests }: MachineWorld): string[] {
  const [, text = ''] = requests[0]?.headers.get('authorization')?.split(' ') ?? []
  return atob(text).split(':').map(decodeURIComponent)
}

describe('a program with a secret', () => {
  test('gets a token when the server asks for one, and uses it from then on [MCP-283]', async () => {
    await using world = startMachineWorld()
    const { login, server, requests, tokens } = world
    const authorizer = machine()
    for (let times = 0; times < 3; times++) expect((await send(authorizer, server.mcp)).status).toBe(200)
    const bearer = `Bearer ${tokens[0]}`
    expect(server.tokens).toEqual([null, bearer, bearer, bearer])
    expect(login.asked).toEqual(['GET /.well-known/oauth-authorization-server', 'POST /token'])
    expect(Object.fromEntries(requests[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      resource: server.mcp.href,
    })
    expect(basicOf(world)).toEqual(['robot', SECRET])
  })

  test('asks nobody where the server wants no token', async () => {
    await using world = startMachineWorld()
    world.server.pages.set('/mcp', () => new Response('welcome'))
    expect((await send(machine(), world.server.mcp)).status).toBe(200)
    expect(world.login.asked).toEqual([])
  })

  test.each([
    [['client_secret_post'], {}],
    [['client_secret_basic', 'client_secret_post'], { authMethod: 'client_secret_post' } as const],
  ])('sends it as the authorization server lists it, or as it was told (%#)', async (methods, options) => {
    await using world = startMachineWorld({ token_endpoint_auth_methods_supported: methods })
    await send(machine(options), world.server.mcp)
    const [{ form, headers } = { form: undefined, headers: undefined }] = world.requests
    expect([form?.get('client_id'), form?.get('client_secret')]).toEqual(['robot', SECRET])
    expect(headers?.has('authorization')).toBe(false)
  })

  test('does not send it where a secret is not taken', async () => {
    await using world = startMachineWorld({ token_endpoint_auth_methods_supported: ['private_key_jwt'] })
    const error = await failure(send(machine(), world.server.mcp))
    expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('private_key_jwt') })
    expect(world.requests).toEqual([])
  })

  test('asks for the scopes of the challenge, else for those it was told, else for those of the server [MCP-279]', async () => {
    await using world = startMachineWorld()
    const { server, requests } = world
    server.metadata.scopes_supported = ['all', 'of', 'them']
    await send(machine(), server.mcp)
    await send(machine({ scopes: ['mine'] }), server.mcp)
    server.challenge += ', scope="challenged"'
    await send(machine({ scopes: ['mine'] }), server.mcp)
    expect(requests.map(({ form }) => form.get('scope'))).toEqual(['all of them', 'mine', 'challenged'])
  })

  test('asks for more scopes where an operation needs them, and gives up when that does not help [MCP-280]', async () => {
    await using world = startMachineWorld()
    const { server, requests } = world
    server.needs.set('write', ['b'])
    const authorizer = machine({ scopes: ['a'] })
    await send(authorizer, server.mcp)
    expect((await send(authorizer, server.mcp, { body: 'write' })).status).toBe(200)
    expect(requests.map(({ form }) => form.get('scope'))).toEqual(['a', 'a b'])
    server.needs.set('write', ['c'])
    world.refusals.push(refuseWith('invalid_scope'))
    const error = await failure(send(authorizer, server.mcp, { body: 'write' }))
    expect(error).toMatchObject({ code: 'token_refused', oauthError: 'invalid_scope' })
  })
})

describe('the token of a program', () => {
  test('is asked for once by all who wait for it, also by those who share the store', async () => {
    await using world = startMachineWorld()
    const store = memoryTokens()
    const authorizers = [machine({ store }), machine({ store })]
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => send(authorizers[index % 2] ?? machine(), world.server.mcp)),
    )
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(world.requests).toHaveLength(1)
    expect(authorizers[0]?.identity).toBe(authorizers[1]?.identity ?? '')
    expect(authorizers[0]?.identity).not.toContain('secret')
  })

  test('is renewed before it ends, by another grant and never by a refresh token', async () => {
    await using world = startMachineWorld()
    const time = { now: 1_800_000_000_000 }
    world.login.tokenAnswer.refresh_token = 'should-not-be-here'
    const store = memoryTokens()
    const authorizer = machine({ now: () => time.now, store })
    await send(authorizer, world.server.mcp)
    time.now += 3600_000 - 30_001
    await send(authorizer, world.server.mcp)
    expect(world.requests).toHaveLength(1)
    time.now += 1
    await Promise.all(Array.from({ length: 5 }, () => send(authorizer, world.server.mcp)))
    expect(world.requests.map(({ form }) => form.get('grant_type'))).toEqual([
      'client_credentials',
      'client_credentials',
    ])
    expect(world.server.tokens.at(-1)).toBe(`Bearer ${world.tokens[1]}`)
    expect(await store.read(`tokens ${world.server.mcp.href} client_credentials robot`)).not.toContain('should-not')
  })

  test('that lives for seconds is renewed when nine tenths of them are over', async () => {
    await using world = startMachineWorld()
    const time = { now: 0 }
    world.login.tokenAnswer.expires_in = 10
    const authorizer = machine({ now: () => time.now })
    await send(authorizer, world.server.mcp)
    time.now = 8_999
    await send(authorizer, world.server.mcp)
    expect(world.requests).toHaveLength(1)
    time.now = 9_000
    await send(authorizer, world.server.mcp)
    expect(world.requests).toHaveLength(2)
  })

  test('that is refused long after it was given is replaced once, for everybody', async () => {
    await using world = startMachineWorld()
    const time = { now: 1_800_000_000_000 }
    const authorizer = machine({ now: () => time.now })
    await send(authorizer, world.server.mcp)
    time.now += 60_000
    world.login.valid.clear()
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(authorizer, world.server.mcp)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(world.requests).toHaveLength(2)
  })

  test('that is refused although it was just given ends the attempt', async () => {
    await using world = startMachineWorld()
    const { server, login } = world
    server.pages.set(
      '/mcp',
      () => new Response(null, { status: 401, headers: { 'www-authenticate': `Bearer ${server.challenge}` } }),
    )
    expect(await failure(send(machine(), server.mcp))).toMatchObject({ code: 'rejected', issuer: login.url })
    expect(world.requests).toHaveLength(1)
  })

  test('that cannot be had is an error that says why and nothing secret, also where the answer repeats it', async () => {
    await using world = startMachineWorld()
    world.refusals.push(refuseWith('invalid_client', `who is ${SECRET}, or ${encodeURIComponent(SECRET)}?`))
    const error = await failure(send(machine(), world.server.mcp))
    expect(error).toMatchObject({ code: 'token_refused', oauthError: 'invalid_client' })
    expect(String(error)).toContain('who is [secret], or [secret]?')
    expect(Bun.inspect(error, { depth: 9 })).not.toContain(SECRET)
  })
})

describe('a program with a private key', () => {
  test('signs an assertion for each request, which names it and the authorization server', async () => {
    await using world = startMachineWorld({
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
    })
    const { pem, publicKey } = await pemPair()
    const time = { now: 1_800_000_000_000 }
    const authorizer = clientCredentials({
      clientId: 'robot',
      privateKey: pem,
      algorithm: 'ES256',
      now: () => time.now,
    })
    await send(authorizer, world.server.mcp)
    time.now += 3600_000
    await send(authorizer, world.server.mcp)
    const [first, second] = world.requests
    expect(first?.form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    expect([first?.form.has('client_id'), first?.headers.has('authorization')]).toEqual([false, false])
    const { payload } = await jwtVerify(first?.form.get('client_assertion') ?? '', publicKey, {
      audience: world.login.url,
      currentDate: new Date(1_800_000_000_000),
    })
    expect(payload).toMatchObject({ iss: 'robot', sub: 'robot', iat: 1_800_000_000, jti: expect.any(String) })
    expect(second?.form.get('client_assertion')).not.toBe(first?.form.get('client_assertion') ?? '')
  })
})

describe('the credentials of a program', () => {
  test('are not sent to another authorization server than the one they are for [MCP-277] [MCP-278]', async () => {
    await using world = startMachineWorld()
    const error = await failure(send(machine({ issuer: 'https://login.example.com' }), world.server.mcp))
    expect(error).toMatchObject({ code: 'wrong_authorization_server', issuer: world.login.url })
    expect(String(error)).toContain('belong to https://login.example.com')
    expect(world.requests).toEqual([])
  })

  test('are not sent to one that the server names later, and not by the next start either [MCP-276] [MCP-277]', async () => {
    await using world = startMachineWorld()
    await using other = startAuthorizationServer()
    const time = { now: 1_800_000_000_000 }
    const store = memoryTokens()
    const first = machine({ store, now: () => time.now })
    await send(first, world.server.mcp)
    world.server.metadata.authorization_servers = [other.url]
    world.login.valid.clear()
    time.now += 60_000
    for (const authorizer of [first, machine({ store, now: () => time.now })]) {
      expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'wrong_authorization_server' })
    }
    expect(other.grants).toEqual([])
  })

  test('choose their own authorization server among several [MCP-276]', async () => {
    await using world = startMachineWorld()
    world.server.metadata.authorization_servers = ['https://login.example.com', world.login.url]
    expect((await send(machine({ issuer: world.login.url }), world.server.mcp)).status).toBe(200)
  })

  test('are not sent to a server that does not say who gives tokens, unless it was named', async () => {
    await using world = startMachineWorld()
    const { server, login } = world
    server.pages.delete('/.well-known/oauth-protected-resource/mcp')
    server.challenge = 'realm="old"'
    server.pages.set('/token', login.pages.get('/token') ?? (() => new Response()))
    const error = await failure(send(machine(), server.mcp))
    expect(error).toMatchObject({ code: 'no_metadata', message: expect.stringContaining('hand in the option issuer') })
    expect(world.requests).toEqual([])
    expect((await send(machine({ issuer: server.url }), server.mcp)).status).toBe(200)
  })
})

test.each<[Partial<ClientCredentialsOptions>, string]>([
  [{}, 'needs a clientSecret or a privateKey'],
  [{ clientId: '', clientSecret: 'x' }, 'needs a clientId'],
  [{ clientSecret: '' }, 'empty clientSecret'],
  [{ privateKey: '' }, 'empty privateKey'],
  [{ clientSecret: 'x', privateKey: { kty: 'EC' } }, 'got both'],
  [{ clientSecret: 'x', algorithm: 'ES256' }, 'with a privateKey only'],
  [{ privateKey: { kty: 'EC' }, authMethod: 'client_secret_post' }, 'with a clientSecret only'],
  [{ privateKey: { kty: 'EC' }, algorithm: 'HS256' }, 'got "HS256"'],
  [{ clientSecret: 'x', dpop: true, proof: { scheme: 'X', headers: () => ({}), learn: () => false } }, 'got both'],
])('options that cannot work are refused at once: %p', (options, words) => {
  expect(() => clientCredentials({ clientId: 'robot', ...options })).toThrow(words)
})
