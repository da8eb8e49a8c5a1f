import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { createSessionManager, type ServerManifest, type StdioServer } from '@bao-mcp/client'
import { carriersOf } from './leftovers.ts'

setDefaultTimeout(60_000)

const MANY = 100
const SCRIPT = join(import.meta.dir, 'fixtures', 'plain.ts')
let made = 0

function plainServer(): { server: StdioServer; pids(): number[] } {
  const mark = `many-${process.pid}-${++made}`
  const server = { command: process.execPath, args: [SCRIPT], env: { BAO_CHAOS: mark } }
  return { server, pids: () => carriersOf('BAO_CHAOS', mark) }
}

const NAMES: readonly string[] = Array.from({ length: MANY }, (_, nth) => `s${nth}`)

test('a hundred servers that are known from manifests are listed without one being started', async () => {
  const { server, pids } = plainServer()
  const manifest: ServerManifest = {
    tools: Array.from({ length: 10 }, (_, nth) => ({
      name: `tool_${nth}`,
      description: 'Does something with a text.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    })),
  }
  await using manager = createSessionManager()
  const startedAt = performance.now()
  for (const name of NAMES) void manager.add(name, server, { lazy: true, manifest })
  const addedAt = performance.now()
  const tools = await manager.listTools()
  const listedAt = performance.now()
  console.log(
    `${MANY} servers from manifests: added in ${(addedAt - startedAt).toFixed(1)} ms, ${tools.length} tools listed in ${(listedAt - addedAt).toFixed(1)} ms`,
  )
  expect(tools).toHaveLength(MANY * manifest.tools.length)
  expect(new Set(tools.map(({ server }) => server)).size).toBe(MANY)
  expect(new Set(manager.listServers().map(({ state }) => state))).toEqual(new Set(['manifest-known']))
  expect(pids()).toEqual([])
})

test('a hundred servers start side by side, answer, and are gone when the manager is closed', async () => {
  const { server, pids } = plainServer()
  const manager = createSessionManager()
  const startedAt = performance.now()
  for (const name of NAMES) void manager.add(name, server)
  const { ready, failed } = await manager.ready({ require: 'all' })
  const readyAt = performance.now()
  expect([ready.length, failed]).toEqual([MANY, []])
  expect(pids()).toHaveLength(MANY)
  const answers = await Promise.all(NAMES.map((name) => manager.callTool(name, 'hi')))
  expect(answers.flatMap(({ content }) => content)).toEqual(NAMES.map(() => ({ type: 'text', text: 'hi' })))
  const closesAt = performance.now()
  await manager.close()
  const closedAt = performance.now()
  console.log(
    `${MANY} stdio servers: ready in ${(readyAt - startedAt).toFixed(0)} ms, closed in ${(closedAt - closesAt).toFixed(0)} ms`,
  )
  expect(pids()).toEqual([])
})
