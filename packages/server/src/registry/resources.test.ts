import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  METHOD_NOT_FOUND,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { eachEra, HANDSHAKES, MODERN, microtasks, openPair } from '../../test/kit.ts'
import { createServer, type Server, type ServerOptions } from '../server.ts'
import { inputRequired } from './input-required.ts'
import { type ReadReturn, type Resource, type ResourceDefinition, resource } from './resource.ts'
import { resourceTemplate } from './resource-template.ts'
import { tool } from './tool.ts'

const URI = 'notes://one'

function define(...resources: Resource[]): Server {
  return createServer({ name: 's', version: '1', resources })
}

function noted(read: ResourceDefinition['read'], more: Partial<ResourceDefinition> = {}): Resource {
  return resource({ uri: URI, name: 'one', read, ...more })
}

/** The URIs of a list. */
function urisOf({ resources }: JsonObject): unknown[] {
  return Array.isArray(resources) ? resources.map((one) => one.uri) : []
}

const AWKWARD_URIS = [
  'file:///a/../b',
  'FILE:///A',
  'https://example.com',
  'https://example.com:443/?b=1&a=2#x',
  'x:%7Eben',
  'x:~ben',
  'x:__proto__',
  'x:größe',
]

eachEra((era, open) => {
  test('a listed resource can be read under the very URI it is listed with', async () => {
    const server = define(
      ...AWKWARD_URIS.map((uri) => resource({ uri, name: uri, mimeType: 'text/plain', read: () => `of ${uri}` })),
    )
    await using pair = await open(server)
    expect(urisOf(await pair.request('resources/list'))).toEqual(AWKWARD_URIS)
    for (const uri of AWKWARD_URIS) {
      const { contents } = await pair.request('resources/read', { uri })
      expect(contents).toEqual([{ uri, mimeType: 'text/plain', text: `of ${uri}` }])
    }
  })

  const returned: [string, ReadReturn, JsonObject[]][] = [
    ['text', 'hi', [{ uri: URI, text: 'hi' }]],
    ['empty text', '', [{ uri: URI, text: '' }]],
    ['bytes', new Uint8Array([0, 255, 128]), [{ uri: URI, blob: 'AP+A' }]],
    [
      'contents',
      [{ text: 'a' }, { uri: 'x:b', mimeType: 'image/png', blob: new Uint8Array([1]) }],
      [
        { uri: URI, text: 'a' },
        { uri: 'x:b', mimeType: 'image/png', blob: 'AQ==' },
      ],
    ],
    ['a result', { contents: [{ blob: 'AQ==', _meta: { a: 1 } }] }, [{ uri: URI, blob: 'AQ==', _meta: { a: 1 } }]],
  ]
  for (const [what, value, contents] of returned) {
    test(`a resource may give ${what} [MCP-219]`, async () => {
      for (const read of [() => value, async () => value]) {
        await using pair = await open(define(noted(read)))
        expect((await pair.request('resources/read', { uri: URI })).contents).toEqual(contents)
      }
    })
  }

  test('a URI that is none, or that nobody offers, is read by nobody [MCP-219]', async () => {
    const read: string[] = []
    const template = resourceTemplate({
      uriTemplate: 'file:///docs/{name}',
      name: 'docs',
      read: ({ name = '' }) => void read.push(name),
    })
    await using pair = await open(createServer({ name: 's', version: '1', resourceTemplates: [template] }))
    const wrong = [
      '',
      'docs/a',
      'file:///docs/',
      'file:///docs/../etc/passwd',
      'FILE:///docs/a',
      'file:///docs/a#b',
      7,
      null,
    ]
    for (const uri of wrong) {
      const code = typeof uri === 'string' && era === 'legacy' ? -32_002 : INVALID_PARAMS
      await expect(pair.request('resources/read', { uri })).rejects.toMatchObject({ code })
    }
    expect(read).toEqual([])
  })

  test('many bytes are one base64 text [MCP-222]', async () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i * 7)
    await using pair = await open(define(noted(() => bytes)))
    const { contents } = await pair.request('resources/read', { uri: URI })
    expect(contents).toEqual([{ uri: URI, blob: Buffer.from(bytes).toString('base64') }])
  })

  test('what is not there is an error with the URI, and never empty contents [MCP-216, MCP-217]', async () => {
    const code = era === 'modern' ? INVALID_PARAMS : -32002
    const gone: ReadReturn[] = [undefined, null, [], { contents: [] }]
    await using pair = await open(
      define(...gone.map((value, i) => resource({ uri: `x:${i}`, name: 'x', read: () => value }))),
    )
    for (const uri of ['x:0', 'x:1', 'x:2', 'x:3', 'x:4', '', 'x:0/']) {
      await expect(pair.request('resources/read', { uri })).rejects.toMatchObject({ code, data: { uri } })
    }
  })

  test('a read without a URI is refused', async () => {
    await using pair = await open(define())
    for (const params of [undefined, {}, { uri: 1 }, { uri: null }]) {
      await expect(pair.request('resources/read', params)).rejects.toMatchObject({ code: INVALID_PARAMS })
    }
  })

  test('an unexpected failure is told under a reference only, and logged whole', async () => {
    const server = define(
      noted(() => {
        throw new Error('the password is swordfish')
      }),
      noted(async () => Promise.reject(new Error('the password is swordfish')), { uri: 'x:later' }),
    )
    await using pair = await open(server)
    for (const uri of [URI, 'x:later']) {
      const error: unknown = await pair.request('resources/read', { uri }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: INTERNAL_ERROR, message: expect.stringContaining(`${uri} failed`) })
      expect(String(error)).not.toContain('swordfish')
    }
    expect(pair.log.lines.filter(({ cause }) => String(cause).includes('swordfish'))).toHaveLength(2)
  })

  test('what is no contents is an internal error, and an error of the handler passes', async () => {
    const server = define(
      // proof: a handler in plain JavaScript may return anything
      noted(() => 7 as unknown as string),
      noted(() => [{}], { uri: 'x:empty' }),
      noted(
        () => {
          throw new RpcError(-32000, 'not today', { until: 'tomorrow' })
        },
        { uri: 'x:rpc' },
      ),
    )
    await using pair = await open(server)
    for (const uri of [URI, 'x:empty']) {
      await expect(pair.request('resources/read', { uri })).rejects.toMatchObject({ code: INTERNAL_ERROR })
    }
    const refused = pair.request('resources/read', { uri: 'x:rpc' })
    await expect(refused).rejects.toMatchObject({ code: -32000, message: 'not today', data: { until: 'tomorrow' } })
  })

  test('a read may ask [MCP-177, MCP-178]', async () => {
    const ask = {
      method: 'elicitation/create',
      params: { mode: 'form', message: '?', requestedSchema: { type: 'object', properties: {} } },
    } as const
    const server = define(
      noted(async (call) => (await call.ask('ok', ask)).action),
      noted(
        ({ round }) =>
          round === undefined ? inputRequired({ requests: { q: ask } }) : JSON.stringify(round.responses),
        {
          uri: 'x:by-hand',
        },
      ),
    )
    await using pair = await open(server)
    const one = await pair.settled('resources/read', { uri: URI })
    expect(one.contents).toEqual([{ uri: URI, text: 'accept' }])
    const other = await pair.settled('resources/read', { uri: 'x:by-hand' })
    expect(other.contents).toEqual([{ uri: 'x:by-hand', text: '{"q":{"action":"accept","content":{}}}' }])
    expect(pair.questions).toHaveLength(2)
  })

  test('a client that cannot be asked makes the read fail with the reason', async () => {
    const ask = { method: 'roots/list' } as const
    await using pair = await open(define(noted(async (call) => String((await call.ask('r', ask)).roots.length))), {
      capabilities: {},
    })
    await expect(pair.request('resources/read', { uri: URI })).rejects.toMatchObject({
      code: era === 'modern' ? -32021 : INTERNAL_ERROR,
      message: 'the client has not declared the capability roots',
    })
  })

  test('a server without resources declares none and knows none of their methods', async () => {
    await using pair = await open(
      createServer({ name: 's', version: '1', tools: [tool({ name: 'a', run: () => 'a' })] }),
    )
    const methods = [
      'resources/list',
      'resources/read',
      ...(era === 'legacy' ? ['resources/subscribe', 'resources/unsubscribe'] : []),
    ]
    for (const method of methods) {
      await expect(pair.request(method, { uri: URI })).rejects.toMatchObject({ code: METHOD_NOT_FOUND })
    }
  })

  test('resources may be registered later, and may all go again', async () => {
    const server = createServer({ name: 's', version: '1' })
    await using pair = await open(server)
    server.resources.add(noted(() => 'late'))
    expect(urisOf(await pair.request('resources/list'))).toEqual([URI])
    server.resources.rename(URI, 'x:new')
    expect((await pair.request('resources/read', { uri: 'x:new' })).contents).toEqual([{ uri: 'x:new', text: 'late' }])
    server.resources.disable('x:new')
    await expect(pair.request('resources/read', { uri: 'x:new' })).rejects.toMatchObject({ data: { uri: 'x:new' } })
    server.resources.remove('x:new')
    expect(urisOf(await pair.request('resources/list'))).toEqual([])
  })

  test('a list of resources has pages with stable cursors [MCP-166]', async () => {
    const uris = ['x:a', 'x:b', 'x:c']
    const resources = uris.map((uri) => resource({ uri, name: uri, read: () => uri }))
    const server = createServer({ name: 's', version: '1', pageSize: 2, resources })
    await using pair = await open(server)
    const { nextCursor, ...first } = await pair.request('resources/list')
    expect(urisOf(first)).toEqual(['x:a', 'x:b'])
    server.resources.remove('x:a')
    expect(urisOf(await pair.request('resources/list', { cursor: nextCursor }))).toEqual(['x:c'])
    await expect(pair.request('resources/list', { cursor: 'x' })).rejects.toMatchObject({ code: INVALID_PARAMS })
  })
})

describe('capabilities', () => {
  const about = (more: Partial<ServerOptions>): unknown =>
    createServer({ name: 's', version: '1', ...more }).capabilities

  test('are declared for what is there, and for an empty list that was given [MCP-215]', () => {
    const resources = { listChanged: true, subscribe: true }
    expect(about({})).not.toHaveProperty('resources')
    expect(about({ resources: [] })).toMatchObject({ resources })
    expect(about({ resources: [noted(() => '')] })).toMatchObject({ resources })
  })

  test('stay declared once something was there', () => {
    const server = createServer({ name: 's', version: '1' })
    server.resources.add(noted(() => ''))
    server.resources.remove(URI)
    expect(server.capabilities).toHaveProperty('resources')
  })
})

describe('what is told of a resource', () => {
  const full = {
    title: 'One',
    description: 'The first.',
    mimeType: 'text/plain',
    annotations: { audience: ['user' as const], priority: 1 },
    icons: [{ src: 'https://example.com/i.png' }],
    size: 3,
    _meta: { 'example.com/a': 1 },
  }
  const always = ['annotations', 'description', 'mimeType', 'name', 'size', 'uri']
  const expected: Record<string, string[]> = {
    '2024-11-05': always,
    '2025-03-26': always,
    '2025-06-18': ['_meta', ...always.slice(0, 5), 'title', 'uri'],
  }
  for (const version of [...HANDSHAKES, MODERN]) {
    test(`is what ${version} knows`, async () => {
      const server = define(noted(() => [{ text: 'x', _meta: { a: 1 } }], full))
      await using pair = await openPair(server, { version })
      const { resources } = await pair.request('resources/list')
      const [listed]: unknown[] = Array.isArray(resources) ? resources : []
      const members = isJsonObject(listed) ? Object.keys(listed).sort() : []
      expect(members).toEqual(expected[version] ?? Object.keys({ ...full, uri: URI, name: 'one' }).sort())
      const { contents } = await pair.request('resources/read', { uri: URI })
      const isOld = version < '2025-06-18'
      expect(contents).toEqual([{ uri: URI, mimeType: 'text/plain', text: 'x', ...(!isOld && { _meta: { a: 1 } }) }])
    })
  }
})

describe('cache hints', () => {
  test('are the ones given, and private and spent at once otherwise [MCP-149, MCP-159]', async () => {
    const cache = { ttlMs: 5000, cacheScope: 'public' } as const
    const resources = [noted(() => 'a', { cache }), noted(() => 'b', { uri: 'x:b' })]
    await using plain = await openPair(define(...resources))
    await using hinted = await openPair(
      createServer({ name: 's', version: '1', resources, listCache: cache, pageSize: 1 }),
    )
    const none = { ttlMs: 0, cacheScope: 'private' }
    expect(await plain.request('resources/list')).toMatchObject(none)
    expect(await plain.request('resources/read', { uri: URI })).toMatchObject(cache)
    expect(await plain.request('resources/read', { uri: 'x:b' })).toMatchObject(none)
    const first = await hinted.request('resources/list')
    expect(first).toMatchObject(cache)
    expect(await hinted.request('resources/list', { cursor: first.nextCursor })).toMatchObject(cache)
  })

  test('are not given for what somebody answered', async () => {
    const cache = { ttlMs: 5000, cacheScope: 'public' } as const
    const read: ResourceDefinition['read'] = async (call) =>
      JSON.stringify(await call.ask('r', { method: 'roots/list' }))
    await using pair = await openPair(define(noted(read, { cache })), { answer: () => ({ roots: [] }) })
    expect(await pair.settled('resources/read', { uri: URI })).toMatchObject({ ttlMs: 0, cacheScope: 'private' })
  })

  test('that mean nothing are refused where they are given [MCP-150]', () => {
    for (const ttlMs of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => noted(() => '', { cache: { ttlMs, cacheScope: 'private' } })).toThrow('cache.ttlMs must be')
    }
    // proof: somebody without types may give anything
    const cache = { ttlMs: 1, cacheScope: 'everybody' as 'public' }
    expect(() => createServer({ name: 's', version: '1', listCache: cache })).toThrow('cache.cacheScope must be')
  })
})

test('a URI without a scheme, a name or a read function is refused where it is given [MCP-219] [MCP-220]', () => {
  for (const uri of ['', 'notes', '/etc/passwd', '1:a']) {
    expect(() => resource({ uri, name: 'x', read: () => '' })).toThrow('a URI begins with a scheme')
  }
  expect(() => resource({ uri: URI, name: '', read: () => '' })).toThrow('it needs a name')
  // proof: somebody without types may leave it out
  expect(() => resource({ uri: URI, name: 'x' } as ResourceDefinition)).toThrow('it needs a read function')
})

test('lists of other kinds are not told of a change of resources', async () => {
  const server = define()
  const told: string[] = []
  server.changes.subscribe((kind) => told.push(kind))
  server.resources.add(noted(() => ''))
  server.resources.rename(URI, 'x:b')
  await microtasks()
  expect(told).toEqual(['resources'])
})
