import { afterEach, expect, test } from 'bun:test'
import { type CloseReason, ConnectionError } from '@bao-mcp/protocol/engine'
import { stdio } from '../../packages/client/src/transports/stdio.ts'
import { groupOf, isAlive, startServer } from './harness.ts'

/** Processes that leave their group, so that no closing finds them. */
const escaped: number[] = []
afterEach(() => {
  for (const pid of escaped.splice(0)) process.kill(pid, 'SIGKILL')
})

test('a server that is killed rejects its calls at once, with the signal and its last words', async () => {
  await using server = await startServer()
  const call = failure(server.peer.request('hang'))
  process.kill(server.pid, 'SIGKILL')
  const error = await call
  expect(error.code).toBe('closed')
  expect(error.message).toBe(`hang was not answered: the server was ended by SIGKILL; last stderr: pid ${server.pid}`)
  expect(error.reason).toMatchObject({ kind: 'failed', signal: 'SIGKILL', stderrTail: [`pid ${server.pid}`] })
  expect(error.reason).not.toHaveProperty('exitCode')
})

test('a server that dies in the middle of a call says its exit code and why', async () => {
  await using server = await startServer()
  const error = await failure(
    server.peer.request('die', { code: 3, words: 'Traceback:\n\u001b[31mno config\u001b[0m\n' }),
  )
  expect(error.reason).toMatchObject({ kind: 'failed', exitCode: 3 })
  expect(error.reason?.message).toBe('the server exited with code 3; last stderr: no config')
  expect(error.reason?.stderrTail?.slice(-2)).toEqual(['Traceback:', 'no config'])
})

test('a call after the death is rejected with the same reason', async () => {
  await using server = await startServer()
  await failure(server.peer.request('die', { code: 4, words: 'bye\n' }))
  const error = await failure(server.peer.request('echo'))
  expect(error.reason).toBe(await server.peer.closed)
})

test('a server that exits with code 0 has closed the connection on its own account', async () => {
  await using server = await startServer()
  const error = await failure(server.peer.request('die', { code: 0, words: '' }))
  expect(error.reason).toMatchObject({ kind: 'remote', exitCode: 0 })
})

test('a grandchild that holds the pipes does not delay the end, even where it cannot be found', async () => {
  await using server = await startServer()
  const { pid } = await server.peer.request('grandchild', { escaped: true })
  escaped.push(Number(pid))
  await server.line(/^up$/)
  const error = await failure(server.peer.request('die', { code: 7, words: 'gone\n' }))
  expect(error.reason).toMatchObject({ exitCode: 7, message: 'the server exited with code 7; last stderr: gone' })
  expect(isAlive(Number(pid))).toBe(true)
  await server.peer[Symbol.asyncDispose]()
  expect(isAlive(Number(pid))).toBe(true)
})

test('grandchildren of a dead server are ended without being asked to', async () => {
  await using server = await startServer([], { termGraceMs: 100 })
  await server.peer.request('grandchild', {})
  await server.peer.request('grandchild', { ignoresTerm: true })
  await failure(server.peer.request('die', { code: 1, words: '' }))
  await server.peer[Symbol.asyncDispose]()
  expect(groupOf(server.pid)).toEqual([])
})

test('an answer that is in the pipe when the server dies arrives before the end', async () => {
  await using server = await startServer()
  expect(await server.peer.request('lastWords', { text: 'é'.repeat(10_000) })).toEqual({ text: 'é'.repeat(10_000) })
  expect(await server.peer.closed).toMatchObject({ kind: 'remote', exitCode: 0 })
})

test('what a server wrote before it died is read by whoever opens the channel later', async () => {
  const dead = Promise.withResolvers<string>()
  const script = `echo '{"n":1}'; echo '{"n":2}'; echo dead >&2; exit 5`
  const channel = await stdio({ command: 'sh', args: ['-c', script], stderr: dead.resolve }).open()
  await dead.promise
  await anotherTurn()
  const seen: unknown[] = []
  const reason = await new Promise<CloseReason>((resolve) => {
    channel.open({ message: (value) => seen.push(value), unreadable: (fault) => seen.push(fault), end: resolve })
  })
  expect(seen).toEqual([{ n: 1 }, { n: 2 }])
  expect(reason).toMatchObject({ kind: 'failed', exitCode: 5, stderrTail: ['dead'] })
  await channel.close()
})

test('a line that was cut off by death is no message, and one that only lacks its newline is', async () => {
  const script = `printf '{"n":1}\\n{"n":2}'; exit 1`
  const whole = await transcript(script)
  expect(whole).toEqual([{ n: 1 }, { n: 2 }])
  expect(await transcript(`printf '{"n":1}\\n{"n":'; exit 1`)).toEqual([{ n: 1 }])
})

test('a server that closes its stdout and lives on has ended the conversation, and is ended', async () => {
  await using server = await startServer(['stay'], { halfCloseGraceMs: 50, stdinGraceMs: 50 })
  const error = await failure(server.peer.request('closeStdout'))
  expect(error.reason).toMatchObject({ kind: 'remote' })
  expect(error.reason?.message).toStartWith('the server closed its stdout')
  await server.peer[Symbol.asyncDispose]()
  expect(groupOf(server.pid)).toEqual([])
})

test('a server that closes its stdout while it ends is known by its exit code', async () => {
  const script = `exec 1>&-; exit 9`
  const channel = await stdio({ command: 'sh', args: ['-c', script] }).open()
  const reason = await new Promise<CloseReason>((end) => channel.open({ message() {}, unreadable() {}, end }))
  expect(reason).toMatchObject({ kind: 'failed', exitCode: 9 })
  await channel.close()
})

test('a server that closes its stdin and lives on fails the calls that can no longer be sent', async () => {
  const script = `echo pid $$ >&2; read line; exec 0<&-; echo '{"jsonrpc":"2.0","id":1,"result":{}}'; exec sleep 60`
  await using server = await startServer([], {
    command: 'sh',
    args: ['-c', script],
    halfCloseGraceMs: 50,
    stdinGraceMs: 50,
  })
  await server.peer.request('first')
  const { reason } = await failure(server.peer.request('second'))
  expect(reason?.kind).toBe('failed')
  expect(reason?.message).toStartWith('the server closed its stdin')
  expect(reason?.error).toMatchObject({ code: 'EPIPE' })
})

test('a dead server is an outcome, not an unhandled rejection', async () => {
  await using server = await startServer()
  process.kill(server.pid, 'SIGKILL')
  const reason = await server.peer.closed
  const notices = await Promise.allSettled([server.peer.notify('a'), server.peer.notify('b')])
  await anotherTurn()
  expect(reason.signal).toBe('SIGKILL')
  expect(notices).toMatchObject([{ reason: { code: 'closed', reason } }, { reason: { code: 'closed', reason } }])
})

async function failure(call: Promise<unknown>): Promise<ConnectionError> {
  try {
    await call
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
  throw new Error('the call was answered')
}

async function transcript(script: string): Promise<unknown[]> {
  const channel = await stdio({ command: 'sh', args: ['-c', script] }).open()
  const seen: unknown[] = []
  await new Promise((end) =>
    channel.open({ message: (value) => seen.push(value), unreadable: (fault) => seen.push(fault), end }),
  )
  await channel.close()
  return seen
}

function anotherTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
