import { describe, expect, test } from 'bun:test'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { bindTokens } from '../../test/dpop-kit.ts'
import { startMachineWorld } from '../../test/machine-kit.ts'
import { oauthHere, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { clientCredentials } from './client-credentials.ts'
import type { DpopOptions } from './dpop.ts'
import { memoryTokens } from './token-store.ts'

describe('a token that is bound to a key', () => {
  test('is asked for and sent with a proof of its own each time [MCP-283]', async () => {
    await using world = startOAuthWorld()
    const checker = bindTokens(world)
    const authorizer = oauthHere({ dpop: true })
    const url = new URL('?a=b', world.server.mcp)
    for (let times = 0; times < 3; times++) expect((await send(authorizer, url)).status).toBe(200)
    expect(checker.faults).toEqual([])
    expect(checker.proofs.map(({ htu }) => htu)).toEqual([
      `${world.login.url}/token`,
      ...Array.from({ length: 3 }, () => world.server.mcp.href),
    ])
    expect(checker.proofs.map(({ ath }) => ath === undefined)).toEqual([true, false, false, false])
    expect(world.login.logins).toHaveLength(1)
  })

  test('is refreshed with the same key, also by the next start', async () => {
    await using world = startOAuthWorld()
    const checker = bindTokens(world)
    const time = { now: 1_800_000_000_000 }
    checker.now = () => time.now
    const store = memoryTokens()
    const make = () => oauthHere({ dpop: true, store, now: () => time.now })
    await send(make(), world.server.mcp)
    time.now += 3600_000
    expect((await send(make(), world.server.mcp)).status).toBe(200)
    expect(world.login.grants.map((form) => form.get('grant_type'))).toEqual(['authorization_code', 'refresh_token'])
    expect(new Set(checker.bound.values()).size).toBe(1)
    expect(checker.faults).toEqual([])
  })

  test('is bound to one key by all who share a store, and to another for another account', async () => {
    await using world = startMachineWorld()
    const checker = bindTokens(world)
    const store = memoryTokens()
    const make = (account: string) =>
      clientCredentials({ clientId: 'robot', clientSecret: 'secret', store, account, dpop: true })
    await Promise.all([make('a'), make('a'), make('b')].map((each) => send(each, world.server.mcp)))
    expect(checker.bound.size).toBe(2)
    expect(new Set(checker.bound.values()).size).toBe(2)
    expect(checker.faults).toEqual([])
  })

  test.each(['jwk', 'pair'])('may be bound to a key that was handed in (%s)', async (kind) => {
    await using world = startMachineWorld()
    const checker = bindTokens(world)
    const pair = await generateKeyPair('EdDSA', { extractable: kind === 'jwk' })
    const key: NonNullable<DpopOptions['key']> =
      kind === 'pair' ? pair : { ...(await exportJWK(pair.privateKey)), kid: 'mine' }
    const store = memoryTokens()
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', store, dpop: { key } })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    const expected = await calculateJwkThumbprint(await exportJWK(pair.publicKey))
    expect([...checker.bound.values()]).toEqual([expected])
    expect(await store.read('dpop key')).toBeUndefined()
  })

  test('is got anew when the key was lost', async () => {
    await using world = startMachineWorld()
    const checker = bindTokens(world)
    const time = { now: 1_800_000_000_000 }
    checker.now = () => time.now
    const store = memoryTokens()
    const make = () =>
      clientCredentials({ clientId: 'robot', clientSecret: 'secret', store, dpop: true, now: () => time.now })
    await send(make(), world.server.mcp)
    await store.write('dpop key', '{"kty":"EC","d":1}', await store.read('dpop key'))
    time.now += 60_000
    expect((await send(make(), world.server.mcp)).status).toBe(200)
    expect(new Set(checker.bound.values()).size).toBe(2)
  })
})

describe('a server that wants a nonce', () => {
  test('gets it from the next proof on, at both places', async () => {
    await using world = startMachineWorld()
    const checker = bindTokens(world)
    Object.assign(checker, { authorizationNonce: 'as-1', resourceNonce: 'rs-1' })
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: true })
    for (let times = 0; times < 2; times++) expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(checker.proofs.map(({ nonce }) => nonce)).toEqual(['as-1', 'rs-1', 'rs-1'])
    expect(checker.faults).toEqual([])
    expect(world.login.asked.filter((each) => each === 'POST /token')).toHaveLength(2)
  })

  test('gets another one when it wants another one, from all who were on their way', async () => {
    await using world = startMachineWorld()
    const checker = bindTokens(world)
    checker.resourceNonce = 'rs-1'
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: true })
    await send(authorizer, world.server.mcp)
    checker.resourceNonce = 'rs-2'
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(authorizer, world.server.mcp)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    expect(world.requests).toHaveLength(1)
  })

  test('and is not content with it is not asked for ever', async () => {
    await using world = startMachineWorld()
    bindTokens(world)
    const { pages, challenge } = world.server
    const headers = { 'www-authenticate': `DPoP error="use_dpop_nonce", ${challenge}`, 'dpop-nonce': 'same' }
    pages.set('/mcp', () => new Response(null, { status: 401, headers }))
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: true })
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'rejected' })
    expect(world.server.asked.filter((each) => each === 'POST /mcp')).toHaveLength(2)
  })

  test('and is not content with it at the token endpoint is asked twice', async () => {
    await using world = startMachineWorld()
    let count = 0
    world.login.pages.set('/token', () => {
      const headers = { 'dpop-nonce': `n-${++count}` }
      return Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers })
    })
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: true })
    const error = await failure(send(authorizer, world.server.mcp))
    expect(error).toMatchObject({ code: 'token_refused', oauthError: 'use_dpop_nonce' })
    expect(count).toBe(2)
  })
})

test.each([-3600_000, 3600_000])('a clock that is %d ms off is made up for, at both places', async (skew) => {
  await using world = startMachineWorld()
  const checker = bindTokens(world)
  const authorizer = clientCredentials({
    clientId: 'robot',
    clientSecret: 'secret',
    dpop: true,
    now: () => Date.now() + skew,
  })
  for (let times = 0; times < 2; times++) expect((await send(authorizer, world.server.mcp)).status).toBe(200)
  expect(checker.faults).toHaveLength(2)
  expect(checker.proofs).toHaveLength(3)
})

describe('an authorization server that binds nothing', () => {
  test('gives tokens that are used as what they are', async () => {
    await using world = startMachineWorld()
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: true })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
    expect(world.requests[0]?.headers.get('dpop')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(world.server.tokens.at(-1)).toBe(`Bearer ${world.tokens[0]}`)
    const headers = new Headers({ 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' })
    const sent = { authorization: `Bearer ${world.tokens[0]}` }
    const asked = { method: 'POST', url: world.server.mcp }
    expect(await failure(authorizer.challenged({ status: 401, headers }, asked, { sent }))).toMatchObject({
      code: 'rejected',
    })
  })

  test('is refused where bound tokens are required', async () => {
    await using world = startMachineWorld()
    const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: { required: true } })
    const error = await failure(send(authorizer, world.server.mcp))
    expect(error).toMatchObject({ code: 'unsupported_token', message: expect.stringContaining('bound to no key') })
    expect(String(error)).not.toContain(world.tokens[0] ?? 'secret')
  })

  test('gave a token before that is not sent where bound tokens are required', async () => {
    await using world = startMachineWorld()
    const store = memoryTokens()
    const make = (dpop: DpopOptions | undefined) =>
      clientCredentials({ clientId: 'robot', clientSecret: 'secret', store, ...(dpop && { dpop }) })
    await send(make(undefined), world.server.mcp)
    const checker = bindTokens(world)
    expect((await send(make({ required: true }), world.server.mcp)).status).toBe(200)
    expect(world.server.tokens.at(-1)).toBe(`Bearer ${world.tokens[0]}`)
    expect([...checker.bound.keys()]).toEqual([world.tokens[1] ?? ''])
  })
})

test.each<[DpopOptions, string]>([
  [{ algorithm: 'HS256' }, 'got "HS256"'],
  [Object({ key: 'text' }), 'must be a JWK or a pair'],
])('options that cannot work are refused at once: %p', (dpop, words) => {
  expect(() => oauthHere({ dpop })).toThrow(words)
})

test('a key that cannot be used is an error without the key', async () => {
  await using world = startMachineWorld()
  const key = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'very-private' }
  const authorizer = clientCredentials({ clientId: 'robot', clientSecret: 'secret', dpop: { key } })
  const error = await failure(send(authorizer, world.server.mcp))
  expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('private key of DPoP') })
  expect(Bun.inspect(error, { depth: 9 })).not.toContain('very-private')
})
