import { describe, expect, test } from 'bun:test'
import {
  complete,
  HEADER_MISMATCH,
  INTERNAL_ERROR,
  type JsonObject,
  META,
  MISSING_CLIENT_CAPABILITY,
  RpcError,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import { bodyOf, modern } from '../test/http-kit.ts'
import { MODERN, NEWEST_HANDSHAKE, openPair } from '../test/kit.ts'
import type { Extension } from './extension.ts'
import { httpHandler } from './http/handler.ts'
import { forMethod } from './middleware.ts'
import { prompt } from './registry/prompt.ts'
import { resourceTemplate } from './registry/resource-template.ts'
import { tool } from './registry/tool.ts'
import { createServer, type Server } from './server.ts'

const INTERNAL = new RpcError(INTERNAL_ERROR, 'Internal error')
const ID = 'com.example/one'

/** A server on which everything fails in the same way: what is asked for, or the middleware around it. */
function failing(fail: () => never, method: string): Server {
  const extension: Extension = {
    id: ID,
    settings: {},
    methods: new Map([['one/do', { answer: fail }]]),
    topics: [{ member: 'things', follow: fail }],
  }
  return createServer({
    name: 's',
    version: '1',
    tools: [tool({ name: 't', run: () => 'x' })],
    prompts: [prompt({ name: 'p', arguments: [{ name: 'a', complete: fail }], run: () => '' })],
    resourceTemplates: [resourceTemplate({ uriTemplate: 'x:{id}', name: 'x', read: () => '', list: fail })],
    extensions: [extension],
    // it looks at every error, so it stands around nothing that has to look for itself
    ...(method === 'tools/call' && { middleware: [forMethod(method, fail)] }),
  })
}

/** Lies about when it fails. */
function later(thrown: unknown): () => never {
  // proof: whoever calls it takes promises as well, and nobody looks at what it gives
  return () => Promise.reject(thrown) as never
}

function atOnce(thrown: unknown): () => never {
  return () => {
    throw thrown
  }
}

const DOORS: readonly (readonly [who: string, method: string, params: JsonObject])[] = [
  ['a middleware', 'tools/call', { name: 't' }],
  [
    'a completer',
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } },
  ],
  ['the list of a template', 'resources/list', {}],
  ['a method of an extension', 'one/do', {}],
  ['a topic of an extension', 'subscriptions/listen', { notifications: { things: true } }],
]

describe.each(DOORS)('what %s throws', (_, method, params) => {
  test.each([HEADER_MISMATCH, UNSUPPORTED_PROTOCOL_VERSION, -32_042, -32_050, -32_099, -32_002])(
    'with the code %i, which has another meaning, is told nobody [MCP-014] [MCP-015] [MCP-016]',
    async (code) => {
      for (const way of [atOnce, later]) {
        const server = failing(way(new RpcError(code, 'secret')), method)
        await using pair = await openPair(server)
        await expect(pair.request(method, params)).rejects.toEqual(INTERNAL)
        expect(pair.log.lines).toMatchObject([{ level: 'error', cause: { cause: { code, message: 'secret' } } }])
        const lines: unknown[] = []
        const handler = httpHandler(server, { log: { ...pair.log, error: (line) => void lines.push(line) } })
        const response = await handler(modern(method, params))
        expect(await bodyOf(response)).toMatchObject({ error: INTERNAL.toObject() })
        expect(lines).toEqual([`${method} failed`])
        await handler.close()
      }
    },
  )

  test('with a code that is free, or the one to ask with, is answered', async () => {
    for (const code of [-31_500, 7, MISSING_CLIENT_CAPABILITY]) {
      for (const way of [atOnce, later]) {
        await using pair = await openPair(failing(way(new RpcError(code, 'words')), method))
        await expect(pair.request(method, params)).rejects.toMatchObject({ code, message: 'words' })
      }
    }
  })
})

test('what older revisions have a code for is answered with it there, pages to visit under theirs alone [MCP-255]', async () => {
  const elicitations = [{ mode: 'url', url: 'https://example.com', elicitationId: 'e', message: 'm' }]
  const call = async (error: RpcError): Promise<unknown> => {
    await using pair = await openPair(failing(atOnce(error), 'tools/call'), { version: NEWEST_HANDSHAKE })
    return await pair.call('t').catch(({ code }) => code)
  }
  expect(await call(new RpcError(-32_002, 'none'))).toBe(-32_002)
  expect(await call(new RpcError(-32_042, 'go', { elicitations }))).toBe(-32_042)
  expect(await call(new RpcError(-32_042, 'go'))).toBe(INTERNAL_ERROR)
})

test('a version that is not spoken is told so through any middleware, with or without the handshake [MCP-099]', async () => {
  const server = createServer({ name: 's', version: '1', middleware: [async (request, next) => next(request)] })
  for (const version of [MODERN, NEWEST_HANDSHAKE]) {
    await using pair = await openPair(server, { version })
    const _meta = { [META.protocolVersion]: '2099-01-01', [META.clientCapabilities]: {} }
    const refused = pair.peer.request('tools/list', { _meta })
    await expect(refused).rejects.toMatchObject({
      code: UNSUPPORTED_PROTOCOL_VERSION,
      data: { requested: '2099-01-01', supported: [MODERN] },
    })
  }
})

test('what an extension answers, and what a topic follows, passes', async () => {
  const extension: Extension = {
    id: ID,
    settings: {},
    methods: new Map([['one/do', { answer: () => complete({ done: true }) }]]),
    topics: [{ member: 'things', follow: () => undefined }],
  }
  await using pair = await openPair(createServer({ name: 's', version: '1', extensions: [extension] }))
  expect(await pair.request('one/do')).toMatchObject({ done: true })
  expect(await pair.request('subscriptions/listen', { notifications: { things: 1 } })).toMatchObject({
    resultType: 'complete',
  })
})
