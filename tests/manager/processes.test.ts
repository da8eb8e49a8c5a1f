import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { createSessionManager } from '@bao-mcp/client'
import { echoServer, eventOf, marker, pidsOf, reached } from './server-processes.ts'

test('a server that is killed is started again, the others keep their processes, and all are gone at the end', async () => {
  const mark = marker()
  const manager = createSessionManager()
  const names = ['a', 'b', 'c']
  await Promise.all(names.map((name) => manager.add(name, echoServer(`${mark}-${name}`))))
  const before = names.map((name) => pidsOf(`${mark}-${name}`))
  expect(before.map((pids) => pids.length)).toEqual([1, 1, 1])
  const inFlight = manager.callTool('b', 'slow_echo', { text: 'abc', delayMs: 50 })
  process.kill(before[0]?.[0] ?? 0, 'SIGKILL')
  await eventOf(manager, reached('a', 'ready', 2))
  expect(await manager.callTool('a', 'echo', { text: 'back' })).toMatchObject({ structured: { text: 'back' } })
  expect(await inFlight).toMatchObject({ structured: { text: 'abc' } })
  const after = names.map((name) => pidsOf(`${mark}-${name}`))
  expect(after[0]).not.toEqual(before[0])
  expect(after.slice(1)).toEqual(before.slice(1))
  expect(manager.serverInfo('a').state).toBe('ready')
  await manager.close()
  expect(pidsOf(mark)).toEqual([])
})

test('a call that was running when its server was killed is sent again, as its tool is read-only', async () => {
  const mark = marker()
  await using manager = createSessionManager()
  await manager.add('a', echoServer(mark))
  const [pid = 0] = pidsOf(mark)
  const begun = Promise.withResolvers<void>()
  const call = manager.callTool('a', 'slow_echo', { text: 'ab', delayMs: 20 }, { onProgress: () => begun.resolve() })
  await begun.promise
  process.kill(pid, 'SIGKILL')
  expect(await call).toMatchObject({ structured: { text: 'ab' } })
})

test('a server that is stopped in its tracks is noticed, replaced and gone', async () => {
  const mark = marker()
  const manager = createSessionManager()
  await manager.add('frozen', echoServer(mark, { healthIntervalMs: 50, healthTimeoutMs: 200 }))
  await manager.add('well', echoServer(`${mark}-well`))
  const [frozen = 0] = pidsOf(mark).filter((pid) => !pidsOf(`${mark}-well`).includes(pid))
  process.kill(frozen, 'SIGSTOP')
  await eventOf(manager, reached('frozen', 'degraded', 1))
  expect(await manager.callTool('well', 'echo', { text: 'hi' })).toMatchObject({ structured: { text: 'hi' } })
  await eventOf(manager, reached('frozen', 'ready', 2))
  expect(pidsOf(mark)).not.toContain(frozen)
  await manager.close()
  expect(pidsOf(mark)).toEqual([])
})

test('a bad command and a slow start do not hold up the others', async () => {
  const mark = marker()
  const manager = createSessionManager()
  const { command, args = [] } = echoServer(`${mark}-slow`)
  const slow = manager.add('slow', { command: 'sh', args: ['-c', 'sleep 0.4; exec "$@"', 'sh', command, ...args] })
  const bad = manager.add('bad', { command: '/nowhere/at-all' })
  const crash = manager.add('crash', { command: 'sh', args: ['-c', 'echo no disk >&2; exit 3'], restart: { max: 0 } })
  const quick = await manager.add('quick', echoServer(`${mark}-quick`))
  expect([quick.state, manager.serverInfo('slow').state]).toEqual(['ready', 'starting'])
  await manager.callTool('quick', 'echo', { text: 'hi' })
  expect(await bad).toMatchObject({ state: 'failed', lastError: { name: 'ServerStartError' } })
  expect(await crash).toMatchObject({ state: 'failed', lastError: { stderrTail: ['no disk'] } })
  expect(await slow).toMatchObject({ state: 'ready' })
  await manager.close()
  expect(pidsOf(mark)).toEqual([])
})

test('closing while servers start leaves nothing behind', async () => {
  const mark = marker()
  const manager = createSessionManager()
  const adding = Array.from({ length: 8 }, (_, nth) => manager.add(`s${nth}`, echoServer(mark)))
  await eventOf(manager, reached('s0', 'ready', 1))
  await manager.close()
  await Promise.allSettled(adding)
  expect(pidsOf(mark)).toEqual([])
})

test('a process that is told to end ends its servers first, and dies of the signal', async () => {
  const mark = marker()
  const script = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url))
  const child = Bun.spawn([process.execPath, script, mark], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const reader = child.stdout.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('ready\n')
  expect(pidsOf(mark)).toHaveLength(3)
  child.kill('SIGTERM')
  await child.exited
  expect(child.signalCode).toBe('SIGTERM')
  expect(pidsOf(mark)).toEqual([])
})

test('BAO_DEBUG prints one line for every message to stderr', async () => {
  const script = `
    import { createSessionManager } from '@bao-mcp/client'
    await using manager = createSessionManager()
    await manager.add('echo', { command: process.execPath, args: [${JSON.stringify(echoServer('x').args?.[0])}] })
    await manager.callTool('echo', 'echo', { text: 'hi' })`
  const child = Bun.spawn([process.execPath, '-e', script], {
    cwd: import.meta.dir,
    env: { ...process.env, BAO_DEBUG: '1' },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const text = await new Response(child.stderr).text()
  expect(await child.exited).toBe(0)
  expect(text).toContain('[bao] echo -> tools/call #')
  expect(text).toMatch(/^\[bao\] echo <- result #\d+ .*hi/m)
})

test('a program that closes its manager ends by itself, although calls had waited in line', async () => {
  const mark = marker()
  const script = `
    import { createSessionManager } from '@bao-mcp/client'
    const manager = createSessionManager()
    await manager.add('echo', ${JSON.stringify(echoServer(mark, { maxInFlight: 1 }))})
    await Promise.all([1, 2, 3].map(() => manager.callTool('echo', 'echo', { text: 'hi' })))
    await manager.close()`
  const child = Bun.spawn([process.execPath, '-e', script], {
    cwd: import.meta.dir,
    stdout: 'inherit',
    stderr: 'inherit',
  })
  expect(await child.exited).toBe(0)
  expect(pidsOf(mark)).toEqual([])
})
