import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { helpful, managed } from './managed.test.kit.ts'
import { type PulseOptions, startPulse } from './pulse.ts'

/** A client whose signs of life are given by hand. */
function asked(): {
  clock: ReturnType<typeof createFakeClock>
  pings: PromiseWithResolvers<void>[]
  said: string[]
  options: PulseOptions
} {
  const clock = createFakeClock()
  const pings: PromiseWithResolvers<void>[] = []
  const said: string[] = []
  const client: PulseOptions['client'] = {
    ping() {
      const one = Promise.withResolvers<void>()
      pings.push(one)
      return one.promise
    },
  }
  const options: PulseOptions = {
    ...{ clock, client, intervalMs: 30_000, timeoutMs: 5_000 },
    idleStopMs: () => undefined,
    idleSince: () => 0,
    alive: () => void said.push('alive'),
    missed: () => void said.push('missed'),
    dead: () => void said.push('dead'),
    idle: () => void said.push('idle'),
  }
  return { clock, pings, said, options }
}

test('who asks whether it lives gets no second chance from a question that was under way', async () => {
  const { clock, pings, said, options } = asked()
  const pulse = startPulse(options)
  await clock.advance(30_000)
  const verified = pulse.verify()
  pings[0]?.reject(new Error('nothing came'))
  await verified
  expect([said, pings.length]).toEqual([['dead'], 1])
  pulse.stop()
})

test('a question that is asked by itself gives a second chance, also after one that gave none', async () => {
  const { clock, pings, said, options } = asked()
  const pulse = startPulse(options)
  const verified = pulse.verify()
  pings[0]?.resolve()
  await verified
  await clock.advance(30_000)
  pings[1]?.reject(new Error('nothing came'))
  await settle()
  expect(said).toEqual(['alive', 'missed'])
  pulse.stop()
})

test('after a sleep of the machine a server that is silent is replaced though it was just being asked', async () => {
  await using m = managed()
  const server = helpful(({ method }) => method === 'ping' && server.opens === 1)
  await m.manager.add('one', server, { healthTimeoutMs: 8_000 })
  await m.clock.advance(30_000)
  await server.got('ping')
  m.sleep(60_000)
  await m.clock.advance(8_000)
  await m.clock.advance(250)
  expect(server.opens).toBe(2)
  expect(m.manager.serverInfo('one').state).toBe('ready')
})
