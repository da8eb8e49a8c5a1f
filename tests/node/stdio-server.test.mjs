import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { start, textOf } from '../stdio-server/child.ts'

const FIXTURE = join(import.meta.dirname, 'fixtures/stdio-server.mjs')
const FINE = { code: 0, signal: null }

/** Starts the built server under this very runtime; it dies with the test. */
function startServer(t, options = {}, { reads = true } = {}) {
  const server = start([process.execPath, FIXTURE, JSON.stringify(options)], { reads })
  t.after(() => server[Symbol.asyncDispose]())
  return server
}

/** What stands on stdout, which must be answers and nothing else, in its order. */
function textsOf({ lines }) {
  return lines.map((line) => JSON.parse(line)).map((answer) => textOf(answer) ?? answer.error.message)
}

test('answers everything that was asked before the end of stdin', async (t) => {
  const server = startServer(t)
  void server.call('later', { text: 'slow' })
  void server.call('echo', { text: 'quick' })
  server.endInput()
  assert.deepEqual(await server.exited, FINE)
  assert.deepEqual(textsOf(server), ['quick', 'slow'])
})

test('keeps console and process.stdout off stdout, and names the culprit once', async (t) => {
  const server = startServer(t)
  void server.call('print', { text: 'this is no message' })
  void server.call('print', { text: 'this is no message' })
  server.endInput()
  assert.deepEqual(await server.exited, FINE)
  assert.deepEqual(textsOf(server), ['printed', 'printed'])
  assert.equal(server.stderr.split('this is no message').length - 1, 4)
  assert.equal(server.stderr.split('stdout belongs to the protocol; this was printed by console.log').length - 1, 1)
})

test('loses nothing of a last answer of 10 MB', async (t) => {
  const server = startServer(t, { logLevel: 'info' }, { reads: false })
  const answer = server.call('big', { length: 10_000_000 })
  server.endInput()
  await server.says(/shutting down/)
  server.read()
  assert.equal(textOf(await answer).length, 10_000_000)
  assert.deepEqual(await server.exited, FINE)
})

test('drains on SIGTERM and exits with 0', async (t) => {
  const server = startServer(t, { logLevel: 'info', drainGraceMs: 20 })
  void server.call('say', { text: 'running' })
  void server.call('hang')
  await server.says(/running/)
  server.process.kill('SIGTERM')
  assert.deepEqual(await server.exited, FINE)
  assert.deepEqual(textsOf(server), ['said', 'the server shut down before the call finished'])
})

test('exits at once on a second SIGTERM', async (t) => {
  const server = startServer(t, { logLevel: 'info', drainGraceMs: 1_000_000 })
  void server.call('hang')
  void server.call('say', { text: 'running' })
  await server.says(/running/)
  server.process.kill('SIGTERM')
  await server.says(/shutting down/)
  server.process.kill('SIGTERM')
  assert.deepEqual(await server.exited, { code: 143, signal: null })
})

test('survives an unhandled rejection, and exits with 1 after an uncaught exception', async (t) => {
  const server = startServer(t)
  void server.call('reject')
  void server.call('say', { text: 'alive' })
  await server.says(/alive/)
  void server.call('crash')
  assert.deepEqual(await server.exited, { code: 1, signal: null })
  assert.deepEqual(textsOf(server), ['rejected', 'said', 'the server failed before the call finished'])
  assert.match(server.stderr, /nobody handles this/)
  assert.match(server.stderr, /nobody catches this/)
})

test('exits although a timer of the server is running', async (t) => {
  const server = startServer(t)
  void server.call('hold')
  server.endInput()
  assert.deepEqual(await server.exited, FINE)
  assert.deepEqual(textsOf(server), ['held'])
})

test('ends with code 0 when the reader of stdout is gone', async (t) => {
  const server = startServer(t, {}, { reads: false })
  server.process.stdout.destroy()
  void server.call('echo', { text: 'for nobody' })
  assert.deepEqual(await server.exited, FINE)
  await server.says(/the reader of stdout is gone \(EPIPE\)/)
})

test('goes on working while its reader stands still, then ends with code 1', async (t) => {
  const server = startServer(t, { maxOutboundBytes: 100_000, stalledReaderMs: 500 }, { reads: false })
  void server.call('big', { length: 2_000_000 })
  void server.call('say', { text: 'still alive' })
  await server.says(/still alive/)
  assert.deepEqual(await server.exited, { code: 1, signal: null })
  await server.says(/took nothing for 500 ms/)
  server.process.stdout.destroy()
})
