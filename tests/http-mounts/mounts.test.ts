import { test } from 'bun:test'
import { createServer as createNodeServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpHandler, httpHandler, nodeHandler, serveHttp } from '@bao-mcp/server/http'
import { Elysia } from 'elysia'
import { Hono } from 'hono'
import { MAX_BODY_BYTES, scenarios } from './scenarios.ts'
import { createWorld, type World } from './world.ts'

interface Mounted extends AsyncDisposable {
  readonly url: URL
}

const OPTIONS = { maxBodyBytes: MAX_BODY_BYTES }
const LOOPBACK = { port: 0, hostname: '127.0.0.1', idleTimeout: 0 }

/** Every way to give a server to the world, each on a port of its own. */
const mounts: Readonly<Record<string, (world: World) => Promise<Mounted>>> = {
  serveHttp: (world) => serveHttp(world.server, { ...OPTIONS, port: 0, ownsProcess: false }),

  'Bun.serve': async (world) => {
    const handler = httpHandler(world.server, OPTIONS)
    return mounted(handler, Bun.serve({ ...LOOPBACK, routes: { '/mcp': handler } }))
  },

  Hono: async (world) => {
    const handler = httpHandler(world.server, OPTIONS)
    const app = new Hono().all('/mcp', (c) => handler(c.req.raw))
    return mounted(handler, Bun.serve({ ...LOOPBACK, fetch: app.fetch }))
  },

  Elysia: async (world) => {
    const handler = httpHandler(world.server, OPTIONS)
    const app = new Elysia().all('/mcp', ({ request }) => handler(request), { parse: 'none' }).listen(LOOPBACK)
    if (app.server === null) throw new Error('Elysia does not listen')
    return mounted(handler, app.server)
  },

  'node:http': async (world) => {
    const handler = httpHandler(world.server, OPTIONS)
    const server = createNodeServer(nodeHandler(handler))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // proof: it listens on a port
    const { port } = server.address() as AddressInfo
    return {
      url: new URL(`http://127.0.0.1:${port}/mcp`),
      async [Symbol.asyncDispose]() {
        await handler.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  },
}

for (const [mount, open] of Object.entries(mounts)) {
  for (const [does, scenario] of Object.entries(scenarios)) {
    test(`a server mounted in ${mount} ${does}`, async () => {
      const world = createWorld()
      await using at = await open(world)
      await scenario(at.url, world)
    })
  }
}

function mounted(
  handler: HttpHandler,
  server: { port?: number | undefined; stop(force: boolean): Promise<void> },
): Mounted {
  return {
    url: new URL(`http://127.0.0.1:${server.port}/mcp`),
    async [Symbol.asyncDispose]() {
      await handler.close()
      await server.stop(true)
    },
  }
}
