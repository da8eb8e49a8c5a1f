import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { connect, http } from '@bao-mcp/client'
import { converse } from '../interop/scenarios.ts'
import { type Child, start } from '../stdio-server/child.ts'
import { openHttpBao } from './driver.ts'

setDefaultTimeout(30_000)

const children: Child[] = []
afterAll(() => Promise.all(children.map((child) => child[Symbol.asyncDispose]())))

async function serve(): Promise<URL> {
  const child = start([process.execPath, join(import.meta.dir, 'fixtures/official-v2-full.ts')])
  children.push(child)
  await child.says(/listening on \S+\n/)
  return new URL(/listening on (\S+)\n/.exec(child.stderr)?.[1] ?? '')
}

converse({
  name: 'our client over HTTP -> the handler of the official SDK 2',
  era: 'modern',
  unknownTool: -32602,
  wrongArguments: 'isError',
  hearsProgressBesideAnswer: true,
  serverLivesOn: true,
  bigBytes: 1024 * 1024,
  open: async () => openHttpBao(await serve()),
})

test('our client hears of the updates of a resource that the handler of the official SDK 2 tells of', async () => {
  await using client = await openHttpBao(await serve())
  const subscription = await client.subscribe('x:watched')
  await client.call('touch')
  expect(await client.heard.updates.until((uri) => uri === 'x:watched')).toBe('x:watched')
  await subscription.end()
  expect(client.heard.errors.items).toEqual([])
})

test('our client speaks to it in the older era as well, where it remembers nothing', async () => {
  const strays: string[] = []
  const onStray = ({ message }: { message: string }): void => void strays.push(message)
  await using client = await connect(http(await serve()), { pin: 'legacy', onStray })
  expect(client.version).toBe('2025-11-25')
  const names = (await client.listTools()).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['echo', 'slow', 'sum']))
  expect((await client.callTool('sum', { a: 40, b: 2 })).structured).toEqual({ sum: 42 })
  expect((await client.callTool('fail')).isError).toBeTrue()
  const steps: number[] = []
  const onProgress = ({ progress }: { progress: number }): void => void steps.push(progress)
  await client.callTool('slow', { key: 'k', steps: 3, hold: false }, { onProgress })
  expect(steps).toEqual([1, 2, 3])
  await client.ping()
  expect(strays).toEqual([])
})
