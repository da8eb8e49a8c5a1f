import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Client, type ConnectOptions, connect, http, sse, type Transport } from '@bao-mcp/client'
import { serveBao } from '../interop/http/serve.ts'
import { type Child, start } from '../stdio-server/child.ts'

interface Fixture extends AsyncDisposable {
  readonly origin: string
}

async function serve(name: string): Promise<Fixture> {
  const child: Child = start([process.execPath, join(import.meta.dir, 'fixtures', `${name}.ts`)])
  await child.says(/listening on \S+\n/)
  const [, origin = ''] = /listening on (\S+)\n/.exec(child.stderr) ?? []
  return { origin, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

/** What a client hears that nobody asked for. */
interface Talk extends AsyncDisposable {
  readonly client: Client
  readonly strays: string[]
  /** Resolves with the next change of the list of tools. */
  toolsChanged(): Promise<void>
}

async function talk(transport: Transport, options: ConnectOptions = { pin: 'legacy' }): Promise<Talk> {
  const strays: string[] = []
  let changed = Promise.withResolvers<void>()
  const client = await connect(transport, {
    on: {
      elicitation: () => ({ action: 'accept', content: { name: 'Linh' } }),
      roots: () => [{ uri: 'file:///home' }],
    },
    onToolsChanged() {
      changed.resolve()
      changed = Promise.withResolvers()
    },
    onStray: ({ message }) => strays.push(message),
    ...options,
  })
  return { client, strays, toolsChanged: () => changed.promise, [Symbol.asyncDispose]: () => client.close() }
}

async function textOf(client: Client, name: string, args: object = {}): Promise<string> {
  const { content } = await client.callTool(name, args)
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

/** Has the server change its tools, and waits until that was told. */
async function grow({ client, toolsChanged }: Talk, name: string): Promise<void> {
  const changed = toolsChanged()
  await textOf(client, 'grow', { name })
  await changed
}

describe('the official server of the first generation', () => {
  let v1: Fixture
  beforeAll(async () => {
    v1 = await serve('official-v1-http')
  })
  afterAll(() => v1[Symbol.asyncDispose]())

  const logged = async (): Promise<{ log: string[]; sessions: number }> => (await fetch(`${v1.origin}/log`)).json()

  for (const [name, path, open] of [
    ['Streamable HTTP', '/mcp', http],
    ['HTTP+SSE', '/sse', sse],
  ] as const) {
    test(`is spoken to over ${name}: calls, progress, questions and changes`, async () => {
      await using one = await talk(open(`${v1.origin}${path}`))
      const { client } = one
      expect(client.server?.name).toBe('official-v1')
      expect(await textOf(client, 'echo', { text: 'xin chào' })).toBe('xin chào')
      const steps: number[] = []
      const onProgress = ({ progress }: { progress: number }): void => void steps.push(progress)
      await client.callTool('count', { steps: 3 }, { onProgress })
      expect(steps).toEqual([1, 2, 3])
      expect(await textOf(client, 'roots')).toBe('file:///home')
      await grow(one, `grown_${name.length}`)
      expect(one.strays).toEqual([])
    })
  }

  test('asks on the stream of a call', async () => {
    await using one = await talk(http(`${v1.origin}/mcp`))
    expect(await textOf(one.client, 'ask')).toBe('accept Linh')
  })

  test('closes the stream of a call and answers on another one [MCP-075] [MCP-078]', async () => {
    await using one = await talk(http(`${v1.origin}/mcp`))
    expect(await textOf(one.client, 'poll')).toBe('from the store')
    expect(one.strays).toEqual([])
  })

  /** Resolves when the last session has sent a request of this method. */
  async function asked(method: string): Promise<void> {
    for (;;) {
      const { log } = await logged()
      if (log.lastIndexOf(method) > log.lastIndexOf('initialize')) return
    }
  }

  test('tells of changes again after it has closed its own stream', async () => {
    await using one = await talk(http(`${v1.origin}/mcp`))
    await asked('GET')
    await grow(one, 'before_it_hangs_up')
    const { log } = await logged()
    await textOf(one.client, 'hang_up')
    await grow(one, 'after_it_has_hung_up')
    expect((await logged()).log.slice(log.length)).toContain('GET')
  })

  test('forgets the session, and the calls that find out go on in one new session [MCP-083]', async () => {
    await using one = await talk(http(`${v1.origin}/mcp`))
    await fetch(`${v1.origin}/forget`)
    const texts = await Promise.all(['a', 'b', 'c', 'd'].map((text) => textOf(one.client, 'echo', { text })))
    expect(texts).toEqual(['a', 'b', 'c', 'd'])
    expect((await logged()).sessions).toBe(1)
    await asked('GET')
    await grow(one, 'in_the_new_session')
    expect(one.strays).toEqual([])
  })

  test('is told when the session is over [MCP-084]', async () => {
    await fetch(`${v1.origin}/forget`)
    const one = await talk(http(`${v1.origin}/mcp`))
    expect((await logged()).sessions).toBe(1)
    await one.client.close()
    expect((await logged()).sessions).toBe(0)
  })

  test('of HTTP+SSE is found by the way of Streamable HTTP as well [MCP-088]', async () => {
    await using one = await talk(http(`${v1.origin}/sse`), {})
    expect(await textOf(one.client, 'echo', { text: 'found' })).toBe('found')
  })
})

test('the official server of the second generation answers the handshake without a session', async () => {
  await using v2 = await serve('official-v2-http')
  await using one = await talk(http(v2.origin))
  expect(one.client.version).toBe('2025-11-25')
  expect(await textOf(one.client, 'echo', { text: 'stateless' })).toBe('stateless')
  expect(one.strays).toEqual([])
})

describe('our server', () => {
  test('is spoken to in every version with a handshake that Streamable HTTP is part of', async () => {
    await using served = await serveBao()
    for (const version of ['2025-11-25', '2025-06-18', '2025-03-26']) {
      await using one = await talk(http(served.url), { pin: version })
      expect(one.client.version).toBe(version)
      expect(await textOf(one.client, 'echo', { text: version })).toBe(version)
      const steps: number[] = []
      const onProgress = ({ progress }: { progress: number }): void => void steps.push(progress)
      await one.client.callTool('slow', { key: version, steps: 3, hold: false }, { onProgress })
      expect(steps).toEqual([1, 2, 3])
      expect(one.strays).toEqual([])
    }
  })

  test('asks on the stream of a call, and hears of a call that is given up [MCP-070]', async () => {
    await using served = await serveBao()
    await using one = await talk(http(served.url))
    expect(await textOf(one.client, 'ask')).toContain('Linh')
    const giveUp = new AbortController()
    const started = Promise.withResolvers<void>()
    const held = one.client.callTool(
      'slow',
      { key: 'k', steps: 1, hold: true },
      { signal: giveUp.signal, onProgress: () => started.resolve() },
    )
    await started.promise
    giveUp.abort(new Error('enough'))
    await expect(held).rejects.toThrow('enough')
    expect(await textOf(one.client, 'was_cancelled', { key: 'k' })).toBe('cancelled k')
    expect(one.strays).toEqual([])
  })
})
