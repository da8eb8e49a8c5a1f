import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { type Client, type ConnectOptions, connect, stdio } from '@bao-mcp/client'
import { hasNode22, node22 } from './launches.ts'

setDefaultTimeout(30_000)

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'))
/** It does not end with its input, so there is no use in waiting for that. */
const STDIN_GRACE_MS = 100

describe('the reference server of npm, @modelcontextprotocol/server-everything, under node 22', () => {
  const options: ConnectOptions = {
    on: {
      elicitation: () => ({ action: 'decline' }),
      sampling: ({ messages }) => ({
        role: 'assistant',
        model: 'parrot',
        content: { type: 'text', text: `sampled ${messages.length}` },
      }),
      roots: [{ uri: 'file:///tmp', name: 'tmp' }],
    },
  }
  const open = (more: ConnectOptions = {}): Promise<Client> =>
    connect(stdio({ command: node22, args: [EVERYTHING, 'stdio'], stdinGraceMs: STDIN_GRACE_MS }), {
      ...options,
      ...more,
    })

  test.skipIf(!hasNode22)('is recognised as one of the legacy era, and says who it is', async () => {
    await using client = await open()
    expect(client).toMatchObject({ era: 'legacy', version: '2025-11-25', server: { name: 'mcp-servers/everything' } })
    expect(client.instructions).toContain('Everything')
  })

  test.skipIf(!hasNode22)('lists its tools and has them called', async () => {
    await using client = await open()
    const names = (await client.listTools()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['echo', 'get-sum', 'get-structured-content', 'get-tiny-image']))
    expect(await client.callTool('echo', { message: 'hé 🥟' })).toMatchObject({
      content: [{ type: 'text', text: 'Echo: hé 🥟' }],
    })
    expect(JSON.stringify(await client.callTool('get-sum', { a: 40, b: 2 }))).toContain('42')
    const weather = await client.callTool('get-structured-content', { location: 'Chicago' })
    expect(weather.structured).toHaveProperty('temperature')
    const image = await client.callTool('get-tiny-image')
    expect(image.content).toContainEqual(expect.objectContaining({ type: 'image', mimeType: 'image/png' }))
  })

  test.skipIf(!hasNode22)('reports progress of a long operation', async () => {
    await using client = await open()
    const heard: unknown[] = []
    const args = { duration: 0.2, steps: 4 }
    const result = await client.callTool('trigger-long-running-operation', args, {
      onProgress: ({ progress, total }) => heard.push([progress, total]),
    })
    // the server sends the last step together with the answer
    expect(heard).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ])
    expect(JSON.stringify(result.content)).toContain('completed')
  })

  test.skipIf(!hasNode22)('asks this client to sample, to show a form and for its roots', async () => {
    await using client = await open()
    // its tools for these are only there once it has heard of the client's capabilities
    const names = (await client.listTools()).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['trigger-sampling-request', 'trigger-elicitation-request']))
    const sampled = await client.callTool('trigger-sampling-request', { prompt: 'hello', maxTokens: 10 })
    expect(JSON.stringify(sampled.content)).toContain('sampled 1')
    const declined = await client.callTool('trigger-elicitation-request')
    expect(JSON.stringify(declined.content)).toContain('declined')
    expect(JSON.stringify((await client.callTool('get-roots-list')).content)).toContain('file:///tmp')
  })

  test.skipIf(!hasNode22)('refuses what does not fit, and serves on', async () => {
    await using client = await open()
    expect((await client.callTool('echo', { message: 42 })).isError).toBeTrue()
    expect((await client.callTool('no-such-tool')).isError).toBeTrue()
    await client.ping()
  })

  test.skipIf(!hasNode22)('is gone when the client has closed', async () => {
    const client = await open()
    await client.ping()
    await client.close()
    const { kind, exitCode, signal } = await client.closed
    expect(kind).toBe('local')
    // either is known of a process only when it is over
    expect(exitCode ?? signal).toBeDefined()
  })
})
