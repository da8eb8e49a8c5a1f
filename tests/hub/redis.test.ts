import { describe, expect, test } from 'bun:test'
import { HUB_LOST } from '@bao-mcp/protocol/engine'
import { HubError } from '../../packages/server/src/hub/error.ts'
import type { Hub } from '../../packages/server/src/hub/port.ts'
import { redisHub } from '../../packages/server/src/hub/redis.ts'
import { everyCall, following } from './contract.ts'
import { hasRedis, startRedis, unlessMissing } from './redis-server.ts'

const it = hasRedis ? test : test.skip
const TTL = { ttlMs: 60_000 }

describe(`a hub whose Redis is away${unlessMissing}`, () => {
  it('rejects every call in time, by name, and betrays neither names nor the address', async () => {
    const server = await startRedis()
    await server[Symbol.asyncDispose]()
    const url = server.url.replace('//', '//ada:hunter2@')
    await using hub = redisHub({ url, commandTimeoutMs: 60 })
    const thrown = await Promise.all(everyCall(hub).map(async ([what, call]) => [what, await failure(call)] as const))
    for (const [what, error] of thrown) {
      expect(error).toBeInstanceOf(HubError)
      expect(error).toMatchObject({
        code: HUB_LOST,
        message: `the hub could not ${what}: redis could not be reached within 60 ms (commandTimeoutMs)`,
        cause: expect.any(Error),
      })
      expect(JSON.stringify(error.toObject())).not.toMatch(/secret|hunter2|ada|127\.0\.0\.1|redis:/)
    }
  })

  it('works when it is there again', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, commandTimeoutMs: 60_000 })
    await hub.put('a', 'kept', 60_000)
    await server.kill()
    const waiting = untilDone(() => hub.put('a', 'again', 60_000))
    await server.start()
    await waiting
    expect(await hub.get('a')).toBe('again')
  })

  it('rejects what was under way when the connection broke, and nothing else happens', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, commandTimeoutMs: 60_000 })
    await hub.get('a')
    server.freeze()
    const calls = Array.from({ length: 100 }, () => failure(() => hub.claim('a', 60_000)))
    await server.kill()
    for (const error of await Promise.all(calls)) {
      expect(error.message).toBe('the hub could not claim a key: the connection to redis was lost')
    }
  })

  it('gives up a connection that does not answer, and opens another', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, commandTimeoutMs: 60 })
    await hub.get('a')
    server.freeze()
    const error = await failure(() => hub.get('a'))
    expect(error.message).toBe('the hub could not look up a text: redis did not answer within 60 ms (commandTimeoutMs)')
    server.thaw()
    await untilDone(() => hub.put('a', 'again', 60_000))
  })

  it('rejects every call when the password is wrong', async () => {
    await using server = await startRedis()
    await server.admin((client) => client.send('CONFIG', ['SET', 'requirepass', 'right']))
    await using hub = redisHub({ url: server.url.replace('//', '//:hunter2@'), commandTimeoutMs: 60 })
    const error = await failure(() => hub.get('a'))
    expect(error.message).toStartWith('the hub could not look up a text: redis could not be reached')
    expect(`${error.stack}${error.cause}`).not.toContain('hunter2')
    await using allowed = redisHub({ url: server.url.replace('//', '//:right@') })
    expect(await allowed.get('a')).toBeUndefined()
  })

  it('says when Redis refused, and keeps its words to itself', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url })
    await server.admin((client) => client.set('bao:record:r', 'no record'))
    const error = await failure(() => hub.read('r'))
    expect(error.message).toBe('the hub could not read a record: redis refused it')
    expect(String(error.cause)).toContain('WRONGTYPE')
    expect(error.toObject()).toEqual({ code: HUB_LOST, message: error.message })
  })
})

describe(`who follows and listens over Redis${unlessMissing}`, () => {
  it('misses no entry and hears none twice when connections break', async () => {
    await using server = await startRedis()
    await using here = redisHub({ url: server.url })
    await using there = redisHub({ url: server.url, reconnectWithinMs: 60_000 })
    const seen = following()
    await there.follow('l', '', seen)
    const appended: string[] = []
    for (let i = 0; i < 60; i++) {
      if (i % 20 === 10) await server.admin((client) => client.send('CLIENT', ['KILL', 'TYPE', 'pubsub']))
      appended.push(await here.append('l', String(i), TTL))
    }
    const entries = await seen.entries.count(60)
    expect(entries.map(([position]) => position)).toEqual(appended)
    expect(seen.losses.items).toEqual([])
  })

  it('is back, without a word, when Redis was killed and comes again with its data', async () => {
    await using server = await startRedis({ durable: true })
    await using here = redisHub({ url: server.url, commandTimeoutMs: 60_000 })
    await using there = redisHub({ url: server.url, commandTimeoutMs: 60_000, reconnectWithinMs: 60_000 })
    const [seen, later] = [following(), following()]
    const texts = following()
    await there.follow('l', '', seen)
    await there.follow('l', undefined, later)
    await there.listen('t', (text) => texts.entry('', text), texts.lost)
    await here.append('l', 'before', TTL)
    await later.entries.count(1)
    await server.kill()
    const meanwhile = untilDone(() => here.append('l', 'after', TTL))
    await server.start()
    await meanwhile
    await here.append('l', 'last', TTL)
    for (const each of [seen, later]) {
      expect((await each.entries.count(3)).map(([, text]) => text)).toEqual(['before', 'after', 'last'])
      expect(each.losses.items).toEqual([])
    }
    await untilHeard(here, 't', () => texts.entries.items.length > 0)
    expect(texts.losses.items).toEqual([])
  })

  it('is told of a loss when Redis was killed and comes again without its data', async () => {
    await using server = await startRedis()
    await using here = redisHub({ url: server.url, commandTimeoutMs: 60_000 })
    await using there = redisHub({ url: server.url, commandTimeoutMs: 60_000, reconnectWithinMs: 60_000 })
    const [seen, fresh] = [following(), following()]
    await there.follow('l', '', seen)
    await there.follow('empty', '', fresh)
    await here.append('l', 'before', TTL)
    await seen.entries.count(1)
    await server.kill()
    await server.start()
    const [error] = await seen.losses.count(1)
    expect(error).toBeInstanceOf(HubError)
    expect(error?.message).toBe('the hub could not follow a log: entries may be gone that redis no longer keeps')
    await untilDone(() => here.append('l', 'after', TTL))
    await here.append('empty', 'first', TTL)
    await fresh.entries.count(1)
    expect([seen.entries.items.length, seen.losses.items.length, fresh.losses.items.length]).toEqual([1, 1, 0])
  })

  it('is told once when Redis is away for too long, and can follow again later', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, reconnectWithinMs: 60 })
    const [seen, texts] = [following(), following()]
    await hub.follow('l', '', seen)
    await hub.follow('l', undefined, seen)
    await hub.listen('t', (text) => texts.entry('', text), texts.lost)
    await hub.listen('t', (text) => texts.entry('', text))
    await server.kill()
    const losses = [...(await seen.losses.count(2)), ...(await texts.losses.count(1))]
    for (const error of losses) {
      expect(error).toBeInstanceOf(HubError)
      expect(error.message).toBe(
        'the hub could not keep listening: redis was out of reach for longer than 60 ms (reconnectWithinMs)',
      )
    }
    await server.start()
    const again = following()
    await untilDone(() => hub.follow('l', '', again))
    await untilDone(() => hub.append('l', 'after', TTL))
    await again.entries.count(1)
    await hub.publish('t', 'nobody is left')
    expect([seen.entries.items, texts.entries.items]).toEqual([[], []])
    expect([seen.losses.items.length, texts.losses.items.length]).toEqual([2, 1])
  })

  it('is told of a loss when Redis refuses to heal it, and hears everything once when it listens again', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, reconnectWithinMs: 60 })
    const [seen, texts, again] = [following(), following(), following()]
    await hub.follow('l', '', seen)
    await hub.listen('t', (text) => texts.entry('', text), texts.lost)
    await server.admin(async (client) => {
      await client.send('ACL', ['SETUSER', 'default', '-xrange'])
      await client.send('CLIENT', ['KILL', 'TYPE', 'pubsub'])
      await Promise.all([seen.losses.count(1), texts.losses.count(1)])
      await client.send('ACL', ['SETUSER', 'default', '+xrange'])
    })
    expect(String(seen.losses.items[0]?.cause)).toContain('redis refused it')
    await hub.listen('t', (text) => again.entry('', text), again.lost)
    await hub.publish('t', '1')
    await hub.publish('t', '2')
    expect((await again.entries.count(2)).map(([, text]) => text)).toEqual(['1', '2'])
    expect([texts.entries.items, again.losses.items]).toEqual([[], []])
  })

  it('is told of a loss when Redis is there and says nothing', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, commandTimeoutMs: 50, heartbeatMs: 10, reconnectWithinMs: 100 })
    const seen = following()
    await hub.follow('l', '', seen)
    server.freeze()
    await seen.losses.count(1)
    server.thaw()
    expect(seen.losses.items).toHaveLength(1)
  })

  it('keeps others from nothing when one of them fails in the middle of it', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, reconnectWithinMs: 60 })
    const seen = following()
    const left = await hub.follow('l', '', following())
    await hub.follow('l', '', seen)
    await server.kill()
    left()
    await seen.losses.count(1)
  })
})

describe(`what is kept in Redis${unlessMissing}`, () => {
  it('has a time after which it goes, all but what was agreed on', async () => {
    await using server = await startRedis()
    await using hub = redisHub({ url: server.url, prefix: 'mine' })
    for (const [, call] of everyCall(hub)) await call()
    await hub.create('r', { a: '1' }, 50_000)
    await hub.update('r', { b: '2' }, 50_000)
    await hub.append('l', 'a', TTL)
    await hub.append('dropped', 'a', TTL)
    await hub.drop('dropped')
    const kept = await server.admin(async (client) =>
      Promise.all((await client.keys('*')).map(async (key) => ({ key, left: await client.pttl(key) }))),
    )
    expect(kept.length).toBeGreaterThan(6)
    for (const { key, left } of kept) {
      expect(key).toStartWith('mine:')
      if (key.startsWith('mine:agreed:')) expect(left).toBe(-1)
      else expect([key, left > 0 && left <= 60_000]).toEqual([key, true])
    }
  })

  it('is apart from what another prefix keeps', async () => {
    await using server = await startRedis()
    await using one = redisHub({ url: server.url, prefix: 'one' })
    await using two = redisHub({ url: server.url, prefix: 'two' })
    const seen = following()
    await two.follow('l', '', seen)
    await one.append('l', 'of one', TTL)
    await two.append('l', 'of two', TTL)
    await one.put('a', 'of one', 60_000)
    expect((await seen.entries.count(1)).map(([, text]) => text)).toEqual(['of two'])
    expect(await two.get('a')).toBeUndefined()
  })

  it('lets a node go that died without leaving', async () => {
    await using server = await startRedis()
    await using here = redisHub({ url: server.url })
    const there = redisHub({ url: server.url })
    await there.join('n', 60_000)
    await there.close()
    expect(await here.isAlive('n')).toBe(true)
    const left = await server.admin((client) => client.pttl('bao:node:n'))
    expect(left > 0 && left <= 60_000).toBe(true)
  })
})

test('a url of another kind is refused without being repeated', () => {
  for (const url of ['localhost:6379', 'https://ada:hunter2@redis', 'redis://']) {
    expect(() => redisHub({ url })).toThrow(new TypeError('the url of Redis must begin with redis:// or rediss://'))
  }
})

test.each(['node', 'none'])('runtime %s has no client to offer', async (runtime) => {
  const { openRedis } = await import(`../../packages/server/src/runtime/${runtime}/redis.ts`)
  expect(openRedis).toBeUndefined()
})

test('a limit below 1 is refused', () => {
  for (const limit of ['commandTimeoutMs', 'reconnectWithinMs', 'heartbeatMs']) {
    expect(() => redisHub({ [limit]: 0 })).toThrow(new TypeError(`${limit} must be at least 1, got 0`))
  }
})

async function failure(call: () => Promise<unknown>): Promise<HubError> {
  const thrown: unknown = await call().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof HubError) return thrown
  throw new Error('it did not fail as a hub does', { cause: thrown })
}

/** Tries until Redis is back: a call that was under way when it died says so. */
async function untilDone(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call()
      return
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      await new Promise(setImmediate)
    }
  }
}

/** Publishes until somebody heard it: what is published during an interruption is lost. */
async function untilHeard(hub: Hub, topic: string, isHeard: () => boolean): Promise<void> {
  while (!isHeard()) {
    await hub.publish(topic, 'x')
    await new Promise(setImmediate)
  }
}
