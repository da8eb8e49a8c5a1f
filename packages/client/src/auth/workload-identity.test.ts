import { describe, expect, test } from 'bun:test'
import { refuseWith, startMachineWorld } from '../../test/machine-kit.ts'
import { send } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type AssertionTarget, workloadIdentity } from './workload-identity.ts'

const JWT = 'aGVhZA.cGF5bG9hZA.c2lnbmF0dXJl'

describe('the JWT of a workload', () => {
  test('is presented as it is, without a proof of the client', async () => {
    await using world = startMachineWorld({ token_endpoint_auth_methods_supported: ['none'] })
    const { server, login, requests, tokens } = world
    const targets: AssertionTarget[] = []
    const authorizer = workloadIdentity({
      clientId: 'workload-1',
      scopes: ['a', 'b'],
      assertion: (target) => {
        targets.push(target)
        return `${JWT}\n`
      },
    })
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(requests).toHaveLength(1)
    expect(Object.fromEntries(requests[0]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: JWT,
      client_id: 'workload-1',
      resource: server.mcp.href,
      scope: 'a b',
    })
    expect(requests[0]?.headers.has('authorization')).toBe(false)
    const tokenEndpoint = `${login.url}/token`
    expect(targets).toEqual([
      { issuer: login.url, tokenEndpoint, resource: server.mcp.href, signal: expect.any(AbortSignal) },
    ])
    expect(server.tokens.at(-1)).toBe(`Bearer ${tokens[0]}`)
  })

  test('says by itself whose it is', async () => {
    await using world = startMachineWorld()
    await send(workloadIdentity({ assertion: async () => JWT }), world.server.mcp)
    expect(world.requests[0]?.form.has('client_id')).toBe(false)
  })

  test('is asked for again when the token is about to end', async () => {
    await using world = startMachineWorld()
    const time = { now: 0 }
    let count = 0
    const assertion = (): string => `${JWT}${++count}`
    const authorizer = workloadIdentity({ assertion, now: () => time.now })
    await send(authorizer, world.server.mcp)
    time.now += 3600_000
    await send(authorizer, world.server.mcp)
    expect(world.requests.map(({ form }) => form.get('assertion'))).toEqual([`${JWT}1`, `${JWT}2`])
  })

  test('that was refused is not presented again, and nothing else is tried', async () => {
    await using world = startMachineWorld()
    const { server, login, requests, refusals } = world
    let jwt = JWT
    refusals.push(refuseWith('invalid_grant', `expired: ${JWT}`), refuseWith('invalid_grant'))
    const authorizer = workloadIdentity({ assertion: () => jwt })
    const error = await failure(send(authorizer, server.mcp))
    expect(error).toMatchObject({ code: 'token_refused', oauthError: 'invalid_grant' })
    expect(String(error)).toContain('expired: [secret]')
    expect(await failure(send(authorizer, server.mcp))).toBe(error)
    expect(requests).toHaveLength(1)
    jwt += '2'
    expect(await failure(send(authorizer, server.mcp))).not.toBe(error)
    jwt += '3'
    expect((await send(authorizer, server.mcp)).status).toBe(200)
    expect(login.asked.filter((each) => each.startsWith('POST'))).toHaveLength(3)
  })

  test('is presented again after an outage', async () => {
    await using world = startMachineWorld()
    world.refusals.push(() => new Response(null, { status: 503 }))
    const authorizer = workloadIdentity({ assertion: () => JWT })
    expect(await failure(send(authorizer, world.server.mcp))).toMatchObject({ code: 'unreachable', status: 503 })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
  })

  test('is not made for another authorization server than the one that was named [MCP-277]', async () => {
    await using world = startMachineWorld()
    let asked = 0
    const assertion = (): string => `${JWT}${++asked}`
    const error = await failure(
      send(workloadIdentity({ assertion, issuer: 'https://login.example.com' }), world.server.mcp),
    )
    expect(error).toMatchObject({ code: 'wrong_authorization_server' })
    expect(asked).toBe(0)
  })

  test.each(['', 'no-jwt', 'a.b', `${JWT}.more`, 'a b.c.d', `${JWT}${'x'.repeat(65_536)}`])(
    'is none, and nothing of it is shown (%#)',
    async (text) => {
      await using world = startMachineWorld()
      const error = await failure(send(workloadIdentity({ assertion: () => text }), world.server.mcp))
      expect(error).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('must be a JWT') })
      if (text !== '') expect(String(error)).not.toContain(text)
      expect(world.requests).toEqual([])
    },
  )

  test('that cannot be had is the error of whoever gives it', async () => {
    await using world = startMachineWorld()
    const reason = new Error('no such file')
    const authorizer = workloadIdentity({ assertion: () => Promise.reject(reason) })
    expect(await failure(send(authorizer, world.server.mcp))).toBe(reason)
  })
})

test('options that cannot work are refused at once', () => {
  expect(() => workloadIdentity({ assertion: () => JWT, clientId: '' })).toThrow('empty clientId')
  expect(() => workloadIdentity(Object({ assertion: JWT }))).toThrow('must be a function')
})
