import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createNodeServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { HttpListenError, type HttpServer, type ServeHttpOptions, serveHttp } from '@bao-mcp/server/http'
import { type Child, start } from '../stdio-server/child.ts'
import { answerOf, callTool, listen, messagesOf, textOf } from './wire.ts'
import { createWorld, type World } from './world.ts'

const FIXTURE = join(import.meta.dirname, 'fixtures/server.mjs')

/** What was started is ended with the scenario. */
type Scenario = (defer: (end: () => unknown) => void) => Promise<void>

/** Runs a scenario and ends what it has started, last things first; Node 22 knows no `await using`. */
export async function runScenario(scenario: Scenario): Promise<void> {
  const ends: (() => unknown)[] = []
  try {
    await scenario((end) => ends.unshift(end))
  } finally {
    for (const end of ends) await end()
  }
}

/** What `serveHttp` does under any runtime. */
export const serveScenarios: Readonly<Record<string, Scenario>> = {
  async 'answers a running call when it is closed, and lets nobody in'(defer) {
    const { http, world } = await serve(defer)
    const answer = callTool(http.url, 'wait')
    await world.running
    const closed = http.close()
    world.release()
    assert.equal(textOf(await answerOf(await answer)), 'waited')
    await closed
    await assert.rejects(fetch(http.url))
  },

  async 'answers with an error what does not finish within the grace'(defer) {
    const { http, world } = await serve(defer, { drainGraceMs: 20 })
    const answer = callTool(http.url, 'wait')
    await world.running
    const closed = http.close()
    assert.notEqual((await answerOf(await answer)).error, undefined)
    await closed
  },

  async 'ends a subscription with its result when it is closed'(defer) {
    const { http } = await serve(defer)
    const messages = messagesOf(await listen(http.url))
    assert.equal((await messages.next()).value?.method, 'notifications/subscriptions/acknowledged')
    const closed = http.close()
    const rest = await Array.fromAsync(messages)
    assert.equal(rest.length, 1)
    assert.equal(rest[0]?.id, 1)
    assert.notEqual(rest[0]?.result, undefined)
    await closed
  },

  async 'names the port that is in use'(defer) {
    const { http } = await serve(defer)
    await assert.rejects(serve(defer, { port: http.port }), (error) => {
      assert.ok(error instanceof HttpListenError)
      assert.equal(error.code, 'EADDRINUSE')
      assert.match(
        error.message,
        new RegExp(`port ${http.port} \\(EADDRINUSE\\): the port is in use; stop what listens there`),
      )
      return true
    })
  },

  async 'answers what runs and exits with 0 on SIGTERM'(defer) {
    const { child, url } = await startProcess(defer)
    const gate = await openGate(defer)
    const answer = callTool(url, 'gated', { args: { url: gate.url } })
    const waiting = await gate.reached
    child.process.kill('SIGTERM')
    await child.says(/shutting down: SIGTERM/)
    waiting.end('done')
    assert.equal(textOf(await answerOf(await answer)), 'done')
    assert.deepEqual(await child.exited, { code: 0, signal: null })
  },

  async 'exits at once on a second SIGTERM'(defer) {
    const { child, url } = await startProcess(defer, { drainGraceMs: 1_000_000 })
    const gate = await openGate(defer)
    const answer = callTool(url, 'gated', { args: { url: gate.url } })
    const failed = assert.rejects(answer)
    await gate.reached
    child.process.kill('SIGTERM')
    await child.says(/shutting down: SIGTERM/)
    child.process.kill('SIGTERM')
    assert.deepEqual(await child.exited, { code: 143, signal: null })
    await failed
  },

  async 'survives an unhandled rejection, and exits with 1 after an uncaught exception'(defer) {
    const { child, url } = await startProcess(defer)
    assert.equal(textOf(await answerOf(await callTool(url, 'reject'))), 'rejected')
    await child.says(/nobody handles this/)
    assert.equal(textOf(await answerOf(await callTool(url, 'echo', { args: { text: 'alive' } }))), 'alive')
    assert.notEqual((await answerOf(await callTool(url, 'crash'))).error, undefined)
    assert.deepEqual(await child.exited, { code: 1, signal: null })
    await child.says(/nobody catches this/)
  },
}

async function serve(
  defer: (end: () => unknown) => void,
  options: ServeHttpOptions = {},
): Promise<{ http: HttpServer; world: World }> {
  const world = createWorld()
  const http = await serveHttp(world.server, { port: 0, ownsProcess: false, logLevel: 'silent', ...options })
  defer(() => {
    world.release()
    return http.close()
  })
  return { http, world }
}

/** Serves the fixture in a process of this very runtime. */
async function startProcess(
  defer: (end: () => unknown) => void,
  options: ServeHttpOptions = {},
): Promise<{ child: Child; url: URL }> {
  const child = start([process.execPath, FIXTURE, JSON.stringify(options)])
  defer(() => child[Symbol.asyncDispose]())
  await child.says(/listening on \S+\n/)
  const [, url = ''] = /listening on (\S+)\n/.exec(child.stderr) ?? []
  return { child, url: new URL(url) }
}

/** An address whose one visitor waits for the test to answer it. */
async function openGate(
  defer: (end: () => unknown) => void,
): Promise<{ url: string; reached: Promise<ServerResponse> }> {
  const reached = Promise.withResolvers<ServerResponse>()
  const server = createNodeServer((_incoming, outgoing) => reached.resolve(outgoing)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  defer(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { url: `http://127.0.0.1:${address.port}/`, reached: reached.promise }
}
