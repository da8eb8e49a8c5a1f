import { expect, test } from 'bun:test'
import { ConnectionError, connect, http } from '@bao-mcp/client'
import { eras } from '@bao-mcp/protocol/testing'
import { createServer, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { openRequests } from '../../packages/client/src/http/open-requests.ts'
import { maxOpenRequests } from '../../packages/client/src/runtime/bun/open-requests.ts'
import { listen } from './listen.ts'

const MORE = 44

test.each([...eras])(
  'calls past what the runtime sends at once fail at once, saying what lifts the limit, and the others run in the %s era',
  async (pin) => {
    const started = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    let running = 0
    const hold = tool({
      name: 'hold',
      async run() {
        running++
        if (running === maxOpenRequests - openBefore) started.resolve()
        await released.promise
        return 'held'
      },
    })
    const echo = tool({ name: 'echo', run: () => 'echo' })
    const handler = httpHandler(createServer({ name: 'holding', version: '1.0.0', tools: [hold, echo] }), {
      maxConcurrentCalls: 1_000,
    })
    await using server = listen((request) => handler(request))
    await using client = await connect(http(server.url), { pin })
    await client.callTool('echo')
    // in the era of sessions the stream of the server takes a place
    const isListening = (): boolean => pin === 'modern' || server.asked.includes('GET')
    while (!isListening()) await new Promise((resolve) => setImmediate(resolve))
    const openBefore = openRequests()
    const settled = Array.from({ length: maxOpenRequests - openBefore + MORE }, () =>
      client.callTool('hold', undefined, { maxRetries: 0 }).then(
        () => 'held',
        (error: unknown) => error,
      ),
    )
    await started.promise
    expect(openRequests()).toBe(maxOpenRequests)
    released.resolve()
    const outcomes = await Promise.all(settled)
    const errors = outcomes.filter((one) => one !== 'held')
    expect(errors).toHaveLength(MORE)
    for (const error of errors) {
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error).toMatchObject({ code: 'open_limit', outcome: 'not_run' })
      expect(String(error)).toContain('BUN_CONFIG_MAX_HTTP_REQUESTS')
    }
    expect(running).toBe(maxOpenRequests - openBefore)
    // a place that was given back is taken again
    expect((await client.callTool('echo')).content).toMatchObject([{ text: 'echo' }])
  },
)
