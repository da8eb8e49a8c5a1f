import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixture, start, startServer, textOf } from './child.ts'

/** Calls that wait at a gate go on when it is opened. */
function newGate() {
  const file = join(tmpdir(), `bao-gate-${randomUUID()}`)
  return { file, open: () => writeFileSync(file, '') }
}

test('answers everything that was asked before the end of stdin, also what takes its time', async () => {
  await using server = startServer({ logLevel: 'info' })
  const gate = newGate()
  const answers = ['a', 'b', 'c'].map((text) => server.call('gated', { file: gate.file, text }))
  server.endInput()
  await server.says(/shutting down: stdin has ended/)
  gate.open()
  expect((await Promise.all(answers)).map(textOf)).toEqual(['a', 'b', 'c'])
  expect(await server.exited).toEqual({ code: 0, signal: null })
})

test('answers a last line without a newline', async () => {
  await using server = startServer()
  server.process.stdin?.end('{"jsonrpc":"2.0","id":1,"method":"ping"}')
  expect(await server.exited).toEqual({ code: 0, signal: null })
  expect(server.lines.map((line) => JSON.parse(line).id)).toEqual([1])
})

test('answers what does not finish within the grace with an error', async () => {
  await using server = startServer({ drainGraceMs: 20 })
  const hanging = server.call('hang')
  server.endInput()
  expect((await hanging).error).toEqual({
    code: -32603,
    message: 'the server shut down before the call finished',
  })
  expect(await server.exited).toEqual({ code: 0, signal: null })
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s refuses what is new, answers what runs and exits with 0',
  async (signal) => {
    await using server = startServer({ logLevel: 'info' })
    const gate = newGate()
    const running = server.call('gated', { file: gate.file, text: 'done' })
    await server.says(/running done/)
    server.process.kill(signal)
    await server.says(new RegExp(`shutting down: ${signal}`))
    expect((await server.call('echo')).error).toEqual({ code: -31999, message: 'the server is shutting down' })
    gate.open()
    expect(textOf(await running)).toBe('done')
    expect(await server.exited).toEqual({ code: 0, signal: null })
  },
)

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('exits at once on a second %s', async (signal, code) => {
  await using server = startServer({ logLevel: 'info', drainGraceMs: 1_000_000 })
  void server.call('hang')
  await server.call('echo')
  server.process.kill(signal)
  await server.says(/shutting down/)
  server.process.kill(signal)
  expect(await server.exited).toEqual({ code, signal: null })
})

test('survives a rejection that nobody handles, and logs it', async () => {
  await using server = startServer()
  expect(textOf(await server.call('reject'))).toBe('rejected')
  await server.says(/nobody handled it\n +Error: nobody handles this/)
  expect(textOf(await server.call('echo', { text: 'alive' }))).toBe('alive')
  server.endInput()
  expect(await server.exited).toEqual({ code: 0, signal: null })
})

test('answers what runs and exits with 1 after an uncaught exception', async () => {
  await using server = startServer()
  const running = server.call('gated', { file: newGate().file, text: 'never' })
  const culprit = server.call('crash')
  const error = { code: -32603, message: 'the server failed before the call finished' }
  expect((await running).error).toEqual(error)
  expect((await culprit).error).toEqual(error)
  expect(await server.exited).toEqual({ code: 1, signal: null })
  expect(server.stderr).toContain('Error: nobody catches this')
})

test('exits although timers and sockets of the server are open', async () => {
  await using server = startServer()
  expect(textOf(await server.call('hold'))).toBe('held')
  server.endInput()
  expect(await server.exited).toEqual({ code: 0, signal: null })
})

test('ends when its parent dies while another process holds stdin open', async () => {
  const pipe = join(tmpdir(), `bao-pipe-${randomUUID()}`)
  expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
  // opened for both, so that its writing end stays open whoever dies
  const input = openSync(pipe, 'r+')
  unlinkSync(pipe)
  try {
    const options = JSON.stringify({ parentPollMs: 10, logLevel: 'info' })
    await using parent = start(fixture('parent', ...fixture('server', options).slice(1)), { input })
    expect(textOf(await parent.call('echo', { text: 'up' }))).toBe('up')
    parent.process.kill('SIGKILL')
    await parent.says(/shutting down: the parent process \d+ is gone/)
    // its output ends with the last process that holds it, which is the server
    await parent.exited
  } finally {
    closeSync(input)
  }
})

test('names a tool that holds the event loop', async () => {
  await using server = startServer({ slowHandlerMs: 5 })
  await server.call('block', { ms: 10 })
  await server.says(/tool "block" held the event loop for \d+ ms/)
})
