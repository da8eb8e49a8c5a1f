import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, http, sse } from '@bao-mcp/client'
import { freePort } from '../interop/http/serve.ts'
import { start } from '../stdio-server/child.ts'

setDefaultTimeout(30_000)

const ENTRY = Bun.resolveSync('@modelcontextprotocol/server-everything/dist/index.js', import.meta.dir)

describe.each([
  ['streamableHttp', '/mcp', http],
  ['sse', '/sse', sse],
  ['sse', '/sse', http],
] as const)('the reference server, started with %s', (mode, path, open) => {
  test('is found, lists, calls, reads, prompts and completes', async () => {
    const port = freePort()
    await using server = start(['env', `PORT=${port}`, process.execPath, ENTRY, mode], { reads: false })
    await server.says(/listening|running/i)
    const strays: string[] = []
    await using client = await connect(open(`http://127.0.0.1:${port}${path}`), {
      on: { roots: [{ uri: 'file:///home' }], elicitation: () => ({ action: 'decline' }) },
      onStray: ({ message }) => strays.push(message),
    })
    expect(client.era).toBe('legacy')
    expect((await client.listTools()).map(({ name }) => name)).toContain('echo')
    expect((await client.callTool('echo', { message: 'xin chào' })).content).toMatchObject([
      { type: 'text', text: expect.stringContaining('xin chào') },
    ])
    const [first] = await client.listResources()
    expect((await client.readResource(first?.uri ?? '')).contents.length).toBeGreaterThan(0)
    const [prompt] = await client.listPrompts()
    expect((await client.getPrompt(prompt?.name ?? '')).messages.length).toBeGreaterThan(0)
    const steps: number[] = []
    const onProgress = ({ progress }: { progress: number }): void => void steps.push(progress)
    await client.callTool('trigger-long-running-operation', { duration: 0.2, steps: 2 }, { onProgress })
    expect(steps).toEqual([1, 2])
    await client.ping()
    expect(strays).toEqual([])
  })
})
