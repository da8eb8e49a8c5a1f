import { expect, test } from 'bun:test'
import { groupOf, startServer } from './harness.ts'

const parent = new URL('./fixtures/parent.ts', import.meta.url).pathname

test.each([
  ['exit', 0],
  ['throw', 1],
  ['reject', 1],
])('no server outlives a parent that ends by %s', async (how, code) => {
  const child = Bun.spawn([process.execPath, parent, how], { stdout: 'pipe', stderr: 'pipe' })
  const output = await new Response(child.stdout).text()
  expect(await child.exited).toBe(code)
  const pids = [...output.matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid))
  expect(pids).toHaveLength(2)
  for (const pid of pids) expect(groupOf(pid)).toEqual([])
  expect(output).toContain('listeners 1 0 0')
})

test('the one listener for the exit goes with the last server', async () => {
  const before = process.listenerCount('exit')
  const servers = await Promise.all([startServer(), startServer(), startServer()])
  expect(process.listenerCount('exit')).toBe(before + 1)
  await Promise.all(servers.map(({ peer }) => peer[Symbol.asyncDispose]()))
  expect(process.listenerCount('exit')).toBe(before)
})
