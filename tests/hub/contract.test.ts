import { test } from 'bun:test'
import { memoryHub } from '../../packages/server/src/hub/memory.ts'
import type { Hub } from '../../packages/server/src/hub/port.ts'
import { redisHub } from '../../packages/server/src/hub/redis.ts'
import { fakeClock } from '../../packages/server/test/kit.ts'
import { hubContract } from './contract.ts'
import { hasRedis, startRedis, unlessMissing } from './redis-server.ts'

hubContract('the hub of one process', async () => {
  const clock = fakeClock()
  const hub = memoryHub({}, clock)
  return {
    open: () => hub,
    async pass(ms) {
      clock.advance(ms)
    },
    [Symbol.asyncDispose]: () => hub.close(),
  }
})

hubContract(
  `the hub over Redis${unlessMissing}`,
  async () => {
    const server = await startRedis()
    const clock = fakeClock()
    const hubs: Hub[] = []
    return {
      open() {
        const hub = redisHub({ url: server.url, clock })
        hubs.push(hub)
        return hub
      },
      /** Redis' own time cannot be moved, so what is left of every key is shortened. */
      async pass(ms) {
        await server.admin(async (client) => {
          for (const key of await client.keys('*')) {
            const left = await client.pttl(key)
            if (left > ms) await client.pexpire(key, left - ms)
            // a millisecond or two went by themselves
            else if (left >= 0) await client.del(key)
          }
        })
        clock.advance(ms)
        // what a timer has sent is done once something later is
        for (const hub of hubs) await hub.get('any')
      },
      async [Symbol.asyncDispose]() {
        for (const hub of hubs) await hub.close()
        await server[Symbol.asyncDispose]()
      },
    }
  },
  hasRedis ? test : test.skip,
)
