import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { connect, http, stdio, type Transport } from '@bao-mcp/client'
import { start } from '../stdio-server/child.ts'

function fixture(name: string): string {
  return join(import.meta.dir, `fixtures/${name}.ts`)
}

async function converse(transport: Transport, pin: 'modern' | 'legacy'): Promise<void> {
  const strays: string[] = []
  await using client = await connect(transport, { pin, onStray: ({ message }) => void strays.push(message) })
  expect(client.era).toBe(pin)
  expect((await client.listTools()).map(({ name }) => name).toSorted()).toEqual(['echo', 'fail'])
  const texts = Array.from({ length: 64 }, (_, i) => `text ${i} ü`)
  const answers = await Promise.all(texts.map((text) => client.callTool('echo', { text })))
  expect(answers.map(({ structured }) => structured)).toEqual(texts.map((text) => ({ text })))
  expect((await client.callTool('fail')).isError).toBeTrue()
  expect((await client.callTool('echo', { text: 5 })).isError).toBeTrue()
  await client.ping()
  expect(strays).toEqual([])
}

for (const pin of ['modern', 'legacy'] as const) {
  test(`our client speaks to a server of tmcp over HTTP (${pin})`, async () => {
    await using child = start([process.execPath, fixture('tmcp-http')])
    await child.says(/listening on \S+\n/)
    await converse(http(/listening on (\S+)\n/.exec(child.stderr)?.[1] ?? ''), pin)
  }, 20_000)

  test(`our client speaks to a server of tmcp over stdio (${pin})`, async () => {
    await converse(stdio({ command: process.execPath, args: [fixture('tmcp-stdio')] }), pin)
  }, 20_000)
}
