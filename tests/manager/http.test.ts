import { expect, test } from 'bun:test'
import { bearer, createSessionManager } from '@bao-mcp/client'
import { createServer, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'

const server = createServer({
  name: 'far',
  version: '1.0.0',
  tools: [tool({ name: 'hi', description: 'Say hi.', run: () => 'hi' })],
})

/** A web server that can be refused, told to be ill, and counts what it was asked. */
function host(): { url: string; status: number | undefined; asked: number } & AsyncDisposable {
  const handler = httpHandler(server)
  const state = { status: undefined as number | undefined, asked: 0 }
  const web = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      state.asked++
      if (state.status !== undefined) return new Response('no', { status: state.status })
      return handler(request)
    },
  })
  return Object.assign(state, {
    url: `http://127.0.0.1:${web.port}/mcp`,
    [Symbol.asyncDispose]: async () => {
      await web.stop(true)
    },
  })
}

test('a server over HTTP is called, and its secrets are nowhere to be seen', async () => {
  await using far = host()
  await using manager = createSessionManager()
  await manager.add('far', { type: 'http', url: far.url, headers: { 'x-key': 'hunter2' }, auth: bearer('hunter2') })
  expect(await manager.callTool('far', 'hi')).toMatchObject({ content: [{ type: 'text', text: 'hi' }] })
  expect(manager.serverInfo('far')).toMatchObject({ state: 'ready', transport: `http: ${far.url}`, toolCount: 1 })
  expect(JSON.stringify([manager.snapshot(), manager.listServers()])).not.toContain('hunter2')
})

test('a server that refuses who asks needs a login, and is not asked again and again', async () => {
  await using far = host()
  await using manager = createSessionManager()
  far.status = 401
  expect(await manager.add('far', { type: 'http', url: far.url })).toMatchObject({ state: 'needs-auth' })
  const { asked } = far
  await expect(manager.callTool('far', 'hi')).rejects.toMatchObject({ code: 'unavailable', state: 'needs-auth' })
  expect(far.asked).toBe(asked)
  far.status = undefined
  expect(await manager.restart('far')).toMatchObject({ state: 'ready' })
})

test('a refusal in the middle ends what was open', async () => {
  await using far = host()
  await using manager = createSessionManager()
  await manager.add('far', { type: 'http', url: far.url, healthIntervalMs: 0 })
  far.status = 401
  await expect(manager.callTool('far', 'hi')).rejects.toMatchObject({ status: 401 })
  expect(manager.serverInfo('far').state).toBe('needs-auth')
})

test('a server that is ill is left alone after some failures, and taken back when it is well', async () => {
  await using far = host()
  await using manager = createSessionManager()
  const breaker = { failures: 2, cooldownMs: 0 }
  await manager.add('far', { type: 'http', url: far.url, healthIntervalMs: 0, breaker })
  far.status = 502
  for (let times = 0; times < 2; times++) {
    await expect(manager.callTool('far', 'hi', {}, { maxRetries: 0 })).rejects.toMatchObject({ status: 502 })
  }
  expect(manager.serverInfo('far').state).not.toBe('ready')
  far.status = undefined
  await manager.callTool('far', 'hi')
  expect(manager.serverInfo('far').state).toBe('ready')
})

test('a server that does not answer yet is tried on', async () => {
  await using far = host()
  await using manager = createSessionManager({ random: () => 0.01 })
  far.status = 503
  expect(await manager.add('far', { type: 'http', url: far.url })).toMatchObject({ state: 'backing-off' })
  far.status = undefined
  await manager.ready({ require: ['far'] })
  expect(manager.serverInfo('far').state).toBe('ready')
})
