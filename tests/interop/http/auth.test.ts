import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import * as generation2 from '@modelcontextprotocol/client'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { openHttpV1 } from '../drivers/http-v1.ts'
import { openHttpV2 } from '../drivers/http-v2.ts'
import { hasNode22 } from '../launches.ts'
import { failureOf } from '../scenarios.ts'
import { MODERN } from './clients.ts'
import { createUser, type Issuer, startIssuer } from './issuer.ts'
import { freePort, type Runtime, type Served, serveBao } from './serve.ts'

setDefaultTimeout(30_000)

const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']
const INFO = { name: 'official', version: '1.0.0' }

/** What each client makes of a refusal: its error, and where the status is in it. */
const openers: [
  name: string,
  open: (url: URL, token?: string) => Promise<HttpDriver>,
  refusal: (status: number) => object,
][] = [
  [
    'official v1 client',
    (url, token) => openHttpV1(url, { ...(token !== undefined && { token }) }),
    (code) => ({ name: 'Error', code }),
  ],
  [
    'official v2 client with the handshake',
    (url, token) => openHttpV2(url, { mode: 'legacy', ...(token !== undefined && { token }) }),
    (status) => ({ name: 'SdkHttpError', data: { status } }),
  ],
  [
    `official v2 client pinned to ${MODERN}`,
    (url, token) => openHttpV2(url, { mode: { pin: MODERN }, ...(token !== undefined && { token }) }),
    (status) => ({ name: 'SdkHttpError', data: { status } }),
  ],
]

describe.each(runtimes)('our protected server under %s', (runtime) => {
  let issuer: Issuer
  let served: Served
  beforeAll(async () => {
    issuer = startIssuer()
    served = await serveBao(runtime, { issuer: issuer.url, serve: { port: freePort() } })
  })
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]()
    await issuer?.[Symbol.asyncDispose]()
  })

  describe.each(openers)('and the %s', (_, open, refusal) => {
    test('lets a token in that was granted what is needed', async () => {
      await using client = await open(served.url, 'admin')
      expect((await client.call('echo', { text: 'in' })).text).toBe('in')
      expect((await client.call('admin')).text).toBe(`${issuer.url}#rita may`)
    })

    test.each([
      ['no token', undefined],
      ['a token nobody knows', 'forged'],
    ])('refuses %s with 401', async (_what, token) => {
      expect(await failureOf(open(served.url, token))).toMatchObject(refusal(401))
    })

    test('refuses one call with 403 that needs more, names the scope, and answers the next', async () => {
      await using client = await open(served.url, 'reader')
      const failure = await failureOf(client.call('admin'))
      if (client.generation === 1) {
        expect(failure).toBeInstanceOf(StreamableHTTPError)
        expect(failure).toMatchObject({ code: 403, message: expect.stringContaining('admin') })
      } else {
        expect(failure).toBeInstanceOf(generation2.InsufficientScopeError)
        expect(failure).toMatchObject({ requiredScope: expect.stringContaining('admin') })
      }
      expect((await client.call('echo', { text: 'on' })).text).toBe('on')
    })

    test('refuses everything of a token that lacks what everything needs', async () => {
      const failure = await failureOf(open(served.url, 'none'))
      expect(String(failure)).toMatch(/403|scope/)
    })
  })

  test('keeps the session of one user from another, who gets a 404', async () => {
    await using client = await openHttpV1(served.url, { token: 'reader' })
    const response = await fetch(served.url, {
      method: 'DELETE',
      headers: { authorization: 'Bearer other', 'mcp-session-id': client.sessionId ?? '' },
    })
    expect(response.status).toBe(404)
    await client.ping()
  })

  test('leads the official v1 client to its issuer, and again when a call needs more', async () => {
    const user = createUser(issuer)
    const connect = async (): Promise<{ client: ClientV1; transport: StreamableHTTPClientTransport }> => {
      const client = new ClientV1(INFO)
      const transport = new StreamableHTTPClientTransport(served.url, { authProvider: user })
      // proof: the class implements the interface; its optional members only differ in how they say that they are absent
      const connecting = client.connect(transport as Transport)
      const failure = await connecting.catch((error: unknown) => error)
      if (failure === undefined) return { client, transport }
      expect(failure).toBeInstanceOf(UnauthorizedError)
      expectAsked(issuer, served, ['mcp'])
      await transport.finishAuth('reader')
      return connect()
    }
    const { client, transport } = await connect()
    try {
      expect(await client.callTool({ name: 'echo', arguments: { text: 'in' } })).toMatchObject({
        content: [{ text: 'in' }],
      })
      expect(await failureOf(client.callTool({ name: 'admin' }))).toBeInstanceOf(UnauthorizedError)
      expectAsked(issuer, served, ['admin', 'mcp'])
      await transport.finishAuth('admin')
      expect(await client.callTool({ name: 'admin' })).toMatchObject({ content: [{ text: `${issuer.url}#rita may` }] })
    } finally {
      await client.close()
    }
  })

  test.each(['legacy', { pin: MODERN }] as const)(
    'leads the official v2 client (%p) to its issuer, and again when a call needs more',
    async (mode) => {
      const user = createUser(issuer)
      const connect = async (): Promise<{
        client: generation2.Client
        transport: generation2.StreamableHTTPClientTransport
      }> => {
        const client = new generation2.Client(INFO, { versionNegotiation: { mode } })
        const transport = new generation2.StreamableHTTPClientTransport(served.url, { authProvider: user })
        const failure = await client.connect(transport).catch((error: unknown) => error)
        if (failure === undefined) return { client, transport }
        expect(failure).toBeInstanceOf(generation2.UnauthorizedError)
        expectAsked(issuer, served, ['mcp'])
        await transport.finishAuth('reader')
        return connect()
      }
      const { client, transport } = await connect()
      try {
        expect(await client.callTool({ name: 'echo', arguments: { text: 'in' } })).toMatchObject({
          content: [{ text: 'in' }],
        })
        expect(await failureOf(client.callTool({ name: 'admin' }))).toBeInstanceOf(generation2.UnauthorizedError)
        expectAsked(issuer, served, ['admin', 'mcp'])
        await transport.finishAuth('admin')
        expect(await client.callTool({ name: 'admin' })).toMatchObject({
          content: [{ text: `${issuer.url}#rita may` }],
        })
      } finally {
        await client.close()
      }
    },
  )
})

/** The user was sent to the issuer for these scopes of this server. */
function expectAsked({ asked, url }: Issuer, served: Served, scopes: string[]): void {
  const last = asked.at(-1)
  expect(last?.origin).toBe(url)
  expect(last?.searchParams.get('scope')?.split(' ').toSorted()).toEqual(scopes)
  expect(last?.searchParams.get('resource')).toBe(served.url.href)
}
