import { expect, test } from 'bun:test'
import type { CloseReason } from '@bao-mcp/protocol/engine'
import { stdio } from '../../packages/client/src/transports/stdio.ts'
import { createLog, startServer } from './harness.ts'

test('a server that floods a stderr nobody listens to does not block [MCP-027]', async () => {
  await using server = await startServer()
  expect(await server.peer.request('flood', { bytes: 10_000_000 })).toEqual({})
  await using silent = await stdio({ command: 'sh', args: ['-c', 'yes | head -c 10000000 >&2; echo {}'] }).open()
  const answer = await new Promise((message) => silent.open({ message, unreadable() {}, end() {} }))
  expect(answer).toEqual({})
})

test('of a flood the last lines are kept', async () => {
  const channel = await stdio({ command: 'sh', args: ['-c', 'seq 1 100000 >&2'] }).open()
  const reason = await endOf(channel)
  expect(reason.stderrTail).toHaveLength(50)
  expect(reason.stderrTail?.at(-1)).toBe('100000')
  await channel.close()
})

test('a message of 10 MB goes there and back', async () => {
  await using server = await startServer()
  const text = 'é'.repeat(5_000_000)
  expect((await server.peer.request('echo', { text })).text === text).toBe(true)
  expect(await server.peer.request('big', { bytes: 10_000_000 })).toEqual({ text: 'y'.repeat(10_000_000) })
})

test('a message over the limit fails the call it answers and no other', async () => {
  await using server = await startServer([], { maxMessageBytes: 100_000 })
  const [big, small] = await Promise.allSettled([
    server.peer.request('big', { bytes: 1_000_000 }),
    server.peer.request('echo', { a: 1 }),
  ])
  expect(big).toMatchObject({ status: 'rejected', reason: { code: 'too_large' } })
  expect(small).toEqual({ status: 'fulfilled', value: { a: 1 } })
})

test('a character that is cut between two reads stays whole', async () => {
  await using server = await startServer()
  const call = server.peer.request('halves', { text: '漢字🎉' })
  await server.line(/^half of it$/)
  await server.peer.notify('goOn')
  expect(await call).toEqual({ text: '漢字🎉' })
})

test('what a server prints by mistake is reported and costs no answer', async () => {
  await using server = await startServer()
  const lines = ['listening on port 3000\n', 'debug: ', '\n\r\n', '{"half":\n', '[]\n', '42\n']
  for (const line of lines) expect(await server.peer.request('noise', { line, n: 1 })).toEqual({ n: 1 })
  expect(server.strays.map(({ kind, excerpt }) => [kind, excerpt?.slice(0, 8)])).toEqual([
    ['unreadable', 'listenin'],
    ['unreadable', 'debug: {'],
    ['unreadable', '{"half":'],
    ['invalid', undefined],
    ['invalid', '42'],
  ])
})

test('messages arrive in the order in which they were sent, many in one tick', async () => {
  await using server = await startServer()
  const calls = Array.from({ length: 5000 }, (_, n) => server.peer.request('echo', { n }))
  const answers = await Promise.all(calls)
  expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, n) => n))
})

test('a sender of much is asked to wait, and goes on when the server has read', async () => {
  await using channel = await stdio({ command: 'sh', args: ['-c', 'sleep 0.1; cat >/dev/null'] }).open()
  channel.open({ message() {}, unreadable() {}, end() {} })
  expect(channel.send(note(1000))).toBeUndefined()
  const waiting = channel.send(note(2_000_000))
  expect(waiting).toBeInstanceOf(Promise)
  await waiting
  expect(channel.send(note(1000))).toBeUndefined()
})

test('every sender goes on when a server that reads nothing dies', async () => {
  const log = createLog()
  const deaf = stdio({ command: 'sh', args: ['-c', 'echo pid $$ >&2; exec sleep 60'], stderr: log.add })
  const channel = await deaf.open()
  const end = endOf(channel)
  const waiting = Array.from({ length: 10 }, () => channel.send(note(1_500_000)))
  expect(waiting.every((each) => each instanceof Promise)).toBe(true)
  process.kill(Number((await log.line(/^pid/)).slice('pid '.length)), 'SIGKILL')
  expect(await Promise.all(waiting)).toHaveLength(10)
  expect(await end).toMatchObject({ kind: 'failed', signal: 'SIGKILL' })
  expect(channel.send(note(10_000_000))).toBeUndefined()
  await channel.close()
})

test('a server that reads nothing for too long is given up, and is ended', async () => {
  const limits = { maxOutboundBytes: 2_000_000, stalledReaderMs: 50, stdinGraceMs: 0 }
  const channel = await stdio({ command: 'sleep', args: ['60'], ...limits }).open()
  const end = endOf(channel)
  await Promise.all([channel.send(note(1_500_000)), channel.send(note(1_500_000))])
  const reason = await end
  expect(reason.kind).toBe('failed')
  expect(reason.message).toContain('stalledReaderMs')
  await channel.close()
})

test('a message that cannot be written as JSON is refused at once, and nothing of it is sent', async () => {
  await using channel = await stdio({ command: 'cat' }).open()
  const echo = new Promise((message) => channel.open({ message, unreadable() {}, end() {} }))
  expect(() => channel.send({ jsonrpc: '2.0', method: 'm', params: { n: 1n } })).toThrow(TypeError)
  void channel.send(note(1))
  expect(await echo).toEqual(note(1))
})

test('what a server reads is one JSON message on each line, and nothing else [MCP-024, MCP-026]', async () => {
  const log = createLog()
  const channel = await stdio({ command: 'sh', args: ['-c', 'cat >&2'], stderr: log.add }).open()
  channel.open({ message() {}, unreadable() {}, end() {} })
  const messages = [note(2), { jsonrpc: '2.0', method: 'm', params: { text: 'a\nb\r\n\u2028c' } } as const]
  for (const message of messages) void channel.send(message)
  await channel.close()
  expect(log.lines.map((line): unknown => JSON.parse(line))).toEqual(messages)
})

function note(size: number): { jsonrpc: '2.0'; method: string; params: { text: string } } {
  return { jsonrpc: '2.0', method: 'note', params: { text: 'x'.repeat(size) } }
}

function endOf(channel: Awaited<ReturnType<ReturnType<typeof stdio>['open']>>): Promise<CloseReason> {
  return new Promise((end) => channel.open({ message() {}, unreadable() {}, end }))
}
