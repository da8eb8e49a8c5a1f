import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

const FIXTURE = join(import.meta.dirname, 'stdio-server.fixture.mjs')
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

/** Starts the built server under this very runtime; it dies with the test. */
function startServer(t, options = {}) {
  const child = spawn(process.execPath, [FIXTURE, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] })
  const closed = once(child, 'close').then(([code]) => code)
  t.after(async () => {
    child.kill('SIGKILL')
    await closed
  })
  let stderr = ''
  const ears = new Set()
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
    for (const ear of ears) ear()
  })
  child.stdin.on('error', () => {
    // the server ended before it read everything; its exit tells
  })
  let nextId = 1
  return {
    child,
    closed,
    stderr: () => stderr,
    call(name, args = {}) {
      const message = {
        jsonrpc: '2.0',
        id: nextId++,
        method: 'tools/call',
        params: { name, arguments: args, _meta: META },
      }
      child.stdin.write(`${JSON.stringify(message)}\n`)
    },
    /** Everything on stdout, which must be messages and nothing else. */
    async answers() {
      let text = ''
      for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    says(pattern) {
      const { promise, resolve } = Promise.withResolvers()
      const ear = () => pattern.test(stderr) && resolve()
      ears.add(ear)
      ear()
      return promise.finally(() => ears.delete(ear))
    },
  }
}

const textsOf = (answers) => answers.map(({ result, error }) => result?.content[0].text ?? error.message)

test('answers everything that was asked before the end of stdin', async (t) => {
  const server = startServer(t)
  server.call('later', { text: 'slow' })
  server.call('echo', { text: 'quick' })
  server.child.stdin.end()
  assert.deepEqual(textsOf(await server.answers()), ['quick', 'slow'])
  assert.equal(await server.closed, 0)
})

test('keeps console and process.stdout off stdout, and names the culprit once', async (t) => {
  const server = startServer(t)
  server.call('print', { text: 'this is no message' })
  server.call('print', { text: 'this is no message' })
  server.child.stdin.end()
  assert.deepEqual(textsOf(await server.answers()), ['printed', 'printed'])
  assert.equal(await server.closed, 0)
  assert.equal(server.stderr().split('this is no message').length - 1, 4)
  assert.equal(server.stderr().split('stdout belongs to the protocol; this was printed by console.log').length - 1, 1)
})

test('loses nothing of a last answer of 10 MB', async (t) => {
  const server = startServer(t, { logLevel: 'info' })
  server.call('big', { length: 10_000_000 })
  server.child.stdin.end()
  await server.says(/shutting down/)
  assert.equal(textsOf(await server.answers())[0].length, 10_000_000)
  assert.equal(await server.closed, 0)
})

test('drains on SIGTERM and exits with 0', async (t) => {
  const server = startServer(t, { logLevel: 'info', drainGraceMs: 20 })
  server.call('say', { text: 'running' })
  server.call('hang')
  await server.says(/running/)
  server.child.kill('SIGTERM')
  assert.deepEqual(textsOf(await server.answers()), ['said', 'the server shut down before the call finished'])
  assert.equal(await server.closed, 0)
})

test('exits at once on a second SIGTERM', async (t) => {
  const server = startServer(t, { logLevel: 'info', drainGraceMs: 1_000_000 })
  server.call('hang')
  server.call('say', { text: 'running' })
  await server.says(/running/)
  server.child.kill('SIGTERM')
  await server.says(/shutting down/)
  server.child.kill('SIGTERM')
  await server.answers()
  assert.equal(await server.closed, 143)
})

test('survives an unhandled rejection, and exits with 1 after an uncaught exception', async (t) => {
  const server = startServer(t)
  server.call('reject')
  server.call('say', { text: 'alive' })
  await server.says(/alive/)
  server.call('crash')
  assert.deepEqual(textsOf(await server.answers()), ['rejected', 'said', 'the server failed before the call finished'])
  assert.equal(await server.closed, 1)
  assert.match(server.stderr(), /nobody handles this/)
  assert.match(server.stderr(), /nobody catches this/)
})

test('exits although a timer of the server is running', async (t) => {
  const server = startServer(t)
  server.call('hold')
  server.child.stdin.end()
  assert.deepEqual(textsOf(await server.answers()), ['held'])
  assert.equal(await server.closed, 0)
})

test('ends with code 0 when the reader of stdout is gone', async (t) => {
  const server = startServer(t)
  server.child.stdout.destroy()
  server.call('echo', { text: 'for nobody' })
  assert.equal(await server.closed, 0)
  assert.match(server.stderr(), /the reader of stdout is gone \(EPIPE\)/)
})

test('goes on working while its reader stands still, then ends with code 1', async (t) => {
  const server = startServer(t, { maxOutboundBytes: 100_000, stalledReaderMs: 500 })
  const exited = once(server.child, 'exit')
  server.call('big', { length: 2_000_000 })
  server.call('say', { text: 'still alive' })
  await server.says(/still alive/)
  const [code] = await exited
  assert.equal(code, 1)
  await server.says(/took nothing for 500 ms/)
  server.child.stdout.destroy()
})
