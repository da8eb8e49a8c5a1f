import { describe, expect, test } from 'bun:test'
import {
  type Channel,
  type Exchange,
  type JsonObject,
  LOG_LEVELS,
  LOG_MESSAGE,
  type LogLevel,
  META,
  PROGRESS,
} from '@bao-mcp/protocol/engine'
import { type RequestFacts, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { eachEra, gate, microtasks } from '../test/kit.ts'
import { type CallNotices, createCallNotices } from './call-notices.ts'
import { tool } from './registry/tool.ts'
import { emptyMemory, type RoundMemory } from './rounds/memory.ts'
import { createServer } from './server.ts'

interface Bench extends CallNotices {
  sent: { method: string; params?: JsonObject }[]
  /** Makes the reader stop until the returned function is called. */
  block(): () => void
}

function bench(facts: Partial<RequestFacts> = {}, memory: RoundMemory = emptyMemory()): Bench {
  const [revision] = statelessRevisions
  if (revision === undefined) throw new Error('there is no stateless revision')
  const sent: Bench['sent'] = []
  let room: Promise<void> | undefined
  const exchange: Exchange = {
    id: 1,
    length: 0,
    signal: new AbortController().signal,
    cancelled: false,
    notify(method, params) {
      sent.push(params === undefined ? { method } : { method, params })
      return room
    },
  }
  const notices = createCallNotices(
    exchange,
    { revision, clientCapabilities: {}, clientInfo: undefined, logLevel: 'debug', progressToken: 't', ...facts },
    memory,
  )
  return {
    ...notices,
    sent,
    block() {
      const { promise, resolve } = Promise.withResolvers<void>()
      room = promise
      return () => {
        room = undefined
        resolve()
      }
    },
  }
}

describe('progress', () => {
  test('is sent under the token of the request, with what is known of it', () => {
    const { progress, sent } = bench()
    progress(1)
    progress(2, 10)
    progress(3, 10, 'third')
    progress(4, undefined, 'fourth')
    expect(sent).toEqual([
      { method: PROGRESS, params: { progressToken: 't', progress: 1 } },
      { method: PROGRESS, params: { progressToken: 't', progress: 2, total: 10 } },
      { method: PROGRESS, params: { progressToken: 't', progress: 3, total: 10, message: 'third' } },
      { method: PROGRESS, params: { progressToken: 't', progress: 4, message: 'fourth' } },
    ])
  })

  test('only rises, and is only sent as a number [MCP-063]', () => {
    const { progress, sent } = bench()
    for (const done of [-5, 0, 0, 2, 1, Number.NaN, 2, Number.POSITIVE_INFINITY, 3])
      progress(done, Number.POSITIVE_INFINITY)
    expect(sent.map(({ params }) => params)).toEqual(
      [-5, 0, 2, 3].map((done) => ({ progressToken: 't', progress: done })),
    )
  })

  test('is not sent when nobody asked [MCP-064]', () => {
    const { progress, sent } = bench({ progressToken: undefined })
    progress(1)
    expect(sent).toEqual([])
  })

  test('takes a token of zero or an empty one for a token', () => {
    for (const progressToken of [0, '']) {
      const { progress, sent } = bench({ progressToken })
      progress(1)
      expect(sent).toMatchObject([{ params: { progressToken } }])
    }
  })
})

describe('log', () => {
  test('sends what is at or above the wanted level [MCP-227]', () => {
    for (const [at, wanted] of LOG_LEVELS.entries()) {
      const { log, sent } = bench({ logLevel: wanted })
      for (const level of LOG_LEVELS) log(level, level)
      expect(sent.map(({ params }) => params?.level)).toEqual(LOG_LEVELS.slice(at))
    }
  })

  test('sends nothing when no messages are wanted, and no level that does not exist [MCP-226]', () => {
    const silent = bench({ logLevel: undefined })
    silent.log('emergency', 'x')
    expect(silent.sent).toEqual([])
    const odd = bench()
    // proof: only a caller without types can do it
    odd.log('loud' as LogLevel, 'x')
    expect(odd.sent).toEqual([])
  })

  test('always has data, and names its logger where it has one', () => {
    const { log, sent } = bench()
    log('info', undefined)
    log('info', { a: 1 }, 'db')
    expect(sent).toEqual([
      { method: LOG_MESSAGE, params: { level: 'info', data: null } },
      { method: LOG_MESSAGE, params: { level: 'info', logger: 'db', data: { a: 1 } } },
    ])
  })
})

describe('while nobody reads', () => {
  test('progress keeps its latest value, log messages are dropped and counted', async () => {
    const { progress, log, sent, block } = bench()
    const unblock = block()
    progress(1)
    for (let done = 2; done <= 100; done++) {
      progress(done)
      log('info', done)
    }
    expect(sent).toHaveLength(1)
    unblock()
    await microtasks()
    expect(sent.slice(1)).toEqual([
      { method: LOG_MESSAGE, params: { level: 'warning', data: '99 log messages were dropped while nobody read' } },
      { method: PROGRESS, params: { progressToken: 't', progress: 100 } },
    ])
    log('info', 'again')
    expect(sent).toHaveLength(4)
  })

  test('the count of what was dropped keeps to the wanted level [MCP-227]', async () => {
    const { log, sent, block } = bench({ logLevel: 'critical' })
    const unblock = block()
    log('alert', 1)
    log('alert', 2)
    unblock()
    await microtasks()
    expect(sent.map(({ params }) => params?.level)).toEqual(['alert', 'critical'])
  })

  test('the latest progress waits on when the count alone fills the pipe again', async () => {
    const { progress, log, sent, block } = bench()
    const first = block()
    progress(1)
    progress(2)
    log('info', 'x')
    const second = block()
    first()
    // what was promised for the first message is over, what is promised for the next is not
    const third = block()
    await microtasks()
    expect(sent.map(({ method }) => method)).toEqual([PROGRESS, LOG_MESSAGE])
    second()
    third()
    await microtasks()
    expect(sent.map(({ method }) => method)).toEqual([PROGRESS, LOG_MESSAGE, PROGRESS])
    expect(sent.at(-1)?.params).toMatchObject({ progress: 2 })
  })
})

describe('a rerun', () => {
  test('is quiet about what earlier runs have told', () => {
    const memory = emptyMemory()
    const first = bench({}, memory)
    first.progress(1)
    first.progress(2)
    first.log('info', 'a')
    first.log('info', 'b')
    const second = bench({}, JSON.parse(JSON.stringify(memory)))
    second.progress(1)
    second.progress(2)
    second.progress(3)
    second.log('info', 'a')
    second.log('info', 'b')
    second.log('info', 'c')
    expect(second.sent.map(({ params }) => params?.progress ?? params?.data)).toEqual([3, 'c'])
  })
})

eachEra((_era, open) => {
  test('notices of a call come in order, before its result, and never after it [MCP-064]', async () => {
    const late = gate()
    const lateDone = gate()
    const noisy = tool({
      name: 'noisy',
      async run(_args, { progress, log }) {
        progress(1, 2)
        log('error', 'half')
        void late.opened.then(() => {
          progress(3)
          log('error', 'too late')
          lateDone.open()
        })
        await microtasks()
        progress(2, 2)
        return 'done'
      },
    })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [noisy] }), { logLevel: 'error' })
    await pair.call('noisy', {}, { progressToken: 'p' })
    late.open()
    await lateDone.opened
    await pair.barrier()
    expect<unknown>(pair.notices).toEqual([
      { jsonrpc: '2.0', method: PROGRESS, params: { progressToken: 'p', progress: 1, total: 2 } },
      { jsonrpc: '2.0', method: LOG_MESSAGE, params: { level: 'error', data: 'half' } },
      { jsonrpc: '2.0', method: PROGRESS, params: { progressToken: 'p', progress: 2, total: 2 } },
    ])
  })

  test('a call without a progress token reports none', async () => {
    const busy = tool({ name: 'busy', run: (_args, { progress }) => progress(1) ?? 'done' })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [busy] }))
    await pair.call('busy')
    await pair.barrier()
    expect(pair.notices).toEqual([])
  })

  test('a client that does not read is told the latest progress, and how many messages it missed', async () => {
    const reads = gate()
    const told = gate()
    const flood = tool({
      name: 'flood',
      async run(_args, { progress, log }) {
        for (let i = 1; i <= 50; i++) {
          progress(i)
          log('info', i)
        }
        told.open()
        await reads.opened
        await microtasks()
        return 'done'
      },
    })
    const slow = (channel: Channel): Channel => ({
      ...channel,
      send(message, way) {
        void channel.send(message, way)
        return 'method' in message ? reads.opened : undefined
      },
    })
    await using pair = await open(createServer({ name: 's', version: '1', tools: [flood] }), {
      logLevel: 'info',
      wrap: slow,
    })
    const call = pair.call('flood', {}, { progressToken: 1, [META.logLevel]: 'info' })
    await told.opened
    reads.open()
    await call
    expect(pair.notices.map(({ params }) => params?.progress ?? params?.data)).toEqual([
      1,
      '50 log messages were dropped while nobody read',
      50,
    ])
  })
})

describe('a run that is over', () => {
  test('says nothing more, whatever is left of it', () => {
    const { sent, progress, log, end } = bench()
    progress(1)
    end()
    progress(2)
    log('error', 'late')
    expect(sent.map(({ params }) => params?.progress)).toEqual([1])
  })

  test('does not report late what waited for the reader, because the next run has gone on', async () => {
    const { sent, progress, end, block } = bench()
    const release = block()
    progress(1)
    progress(2)
    end()
    release()
    await microtasks()
    expect(sent.map(({ params }) => params?.progress)).toEqual([1])
  })
})

test('data that JSON does not know is null and not left out', () => {
  const { sent, log } = bench()
  for (const data of [undefined, () => 1, Symbol('s')]) log('info', data)
  expect(sent.map(({ params }) => params)).toEqual(Array(3).fill({ level: 'info', data: null }))
})
