import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { httpHandler, nodeHandler, serveHttp } from '@bao-mcp/server/http'
import { nodeHandlerScenarios, runScenario as runNodeHandlerScenario } from '../http-mounts/node-handler.ts'
import { MAX_BODY_BYTES, scenarios } from '../http-mounts/scenarios.ts'
import { runScenario, serveScenarios } from '../http-mounts/serve.ts'
import { createWorld } from '../http-mounts/world.ts'

/** Every way to give a server to the world here. */
const mounts = {
  serveHttp: async ({ server }) => {
    const http = await serveHttp(server, { port: 0, ownsProcess: false, maxBodyBytes: MAX_BODY_BYTES })
    return { url: http.url, close: () => http.close() }
  },
  'node:http': async ({ server }) => {
    const handler = httpHandler(server, { maxBodyBytes: MAX_BODY_BYTES })
    const http = createServer(nodeHandler(handler)).listen(0, '127.0.0.1')
    await once(http, 'listening')
    return {
      url: new URL(`http://127.0.0.1:${http.address().port}/mcp`),
      async close() {
        await handler.close()
        http.closeAllConnections()
        http.close()
      },
    }
  },
}

for (const [mount, open] of Object.entries(mounts)) {
  for (const [does, scenario] of Object.entries(scenarios)) {
    test(`a server mounted in ${mount} ${does}`, async () => {
      const world = createWorld()
      const { url, close } = await open(world)
      try {
        await scenario(url, world)
      } finally {
        await close()
      }
    })
  }
}

for (const [does, scenario] of Object.entries(serveScenarios)) {
  test(`serveHttp ${does}`, () => runScenario(scenario))
}

for (const [does, scenario] of Object.entries(nodeHandlerScenarios)) {
  test(`nodeHandler ${does}`, () => runNodeHandlerScenario(scenario))
}
