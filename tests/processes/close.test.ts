import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { stdio } from '../../packages/client/src/transports/stdio.ts'
import { createLog, groupOf, startServer } from './harness.ts'

test('a server that ends with its stdin is not signalled', async () => {
  await using server = await startServer([], { stdinGraceMs: 60_000 })
  await server.peer[Symbol.asyncDispose]()
  expect(await server.peer.closed).toMatchObject({ kind: 'local', exitCode: 0 })
  expect(groupOf(server.pid)).toEqual([])
})

test('what was sent has left before stdin is closed', async () => {
  const log = createLog()
  // says how much it was sent once stdin is closed, and is slow to begin
  const script = `sleep 0.2; wc -c >&2`
  const channel = await stdio({ command: 'sh', args: ['-c', script], stdinGraceMs: 60_000, stderr: log.add }).open()
  channel.open({ message() {}, unreadable() {}, end() {} })
  const message = { jsonrpc: '2.0', method: 'm', params: { text: 'x'.repeat(3_000_000) } } as const
  void channel.send(message)
  await channel.close()
  expect(log.lines).toEqual([String(JSON.stringify(message).length + 1)])
})

test('a server that stays after the end of stdin gets SIGTERM', async () => {
  await using server = await startServer(['stay'], { stdinGraceMs: 50, termGraceMs: 60_000 })
  await server.peer[Symbol.asyncDispose]()
  expect(await server.peer.closed).toMatchObject({ kind: 'local', signal: 'SIGTERM' })
  expect(groupOf(server.pid)).toEqual([])
})

test('a server that ignores SIGTERM gets SIGKILL', async () => {
  await using server = await startServer(['stay', 'ignore-term'], { stdinGraceMs: 50, termGraceMs: 200 })
  await server.peer[Symbol.asyncDispose]()
  expect(await server.peer.closed).toMatchObject({ kind: 'local', signal: 'SIGKILL' })
  expect(server.stderr).toContain('ignored SIGTERM')
  expect(groupOf(server.pid)).toEqual([])
})

test('a shell around the server and what it started in the background end with it', async () => {
  const script = `sleep 60 & (trap '' TERM; sleep 60) & echo pid $$ >&2; cat`
  await using server = await startServer([], { command: 'sh', args: ['-c', script], termGraceMs: 100 })
  expect(groupOf(server.pid).length).toBeGreaterThanOrEqual(3)
  await server.peer[Symbol.asyncDispose]()
  expect(await server.peer.closed).toMatchObject({ kind: 'local', exitCode: 0 })
  expect(groupOf(server.pid)).toEqual([])
})

test('calls that wait are rejected when closing begins, not when it is done', async () => {
  await using server = await startServer(['stay'], { stdinGraceMs: 200 })
  const call = server.peer.request('hang')
  const closing = server.peer[Symbol.asyncDispose]()
  await expect(call).rejects.toMatchObject({
    code: 'closed',
    reason: { kind: 'local', message: 'closed by this side' },
  })
  expect(groupOf(server.pid)).toContain(server.pid)
  await closing
})

test('closing twice is closing once', async () => {
  const channel = await stdio({ command: 'cat' }).open()
  let ends = 0
  channel.open({ message() {}, unreadable() {}, end: () => ends++ })
  await Promise.all([channel.close(), channel.close(), channel[Symbol.asyncDispose]()])
  await channel.close()
  expect(ends).toBe(1)
})

test('a channel that nobody opened can be closed, and says so to whoever opens it then', async () => {
  const channel = await stdio({ command: 'cat' }).open()
  await channel.close()
  const reason = await new Promise((end) => channel.open({ message() {}, unreadable() {}, end }))
  expect(reason).toMatchObject({ kind: 'local', exitCode: 0 })
})

test('the descriptors of closed servers are given back', async () => {
  const count = (): number => readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length
  await (await startServer()).peer[Symbol.asyncDispose]()
  const before = count()
  for (let i = 0; i < 20; i++) await (await startServer()).peer[Symbol.asyncDispose]()
  // three pipes each; the last ones may still be on their way
  expect(count()).toBeLessThan(before + 10)
})
