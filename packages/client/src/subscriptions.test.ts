import { describe, expect, test } from 'bun:test'
import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import type { Change } from './changes.ts'
import { type ConnectOptions, connect } from './connect.ts'
import { failure } from './testing/failure.test.kit.ts'
import {
  ERAS,
  type Incoming,
  ofEra,
  type Script,
  type ScriptedTransport,
  scripted,
  type Wire,
} from './testing/scripted-server.test.kit.ts'
import type { Transport } from './transports/transport.ts'

const LISTS = { listChanged: true }
const CAPABILITIES = { tools: LISTS, prompts: LISTS, resources: { ...LISTS, subscribe: true } }

const LISTEN = 'subscriptions/listen'

/** Sends a notice: on the subscription of a request, where the era has subscriptions. */
function tell(wire: Wire, listen: Incoming | undefined, method: string, params: JsonObject = {}): void {
  const _meta = listen === undefined ? undefined : { 'io.modelcontextprotocol/subscriptionId': listen.id }
  wire.send({ jsonrpc: '2.0', method: `notifications/${method}`, params: { ...params, _meta } })
}

function acknowledge(wire: Wire, listen: Incoming): void {
  const notifications = listen.params?.notifications
  if (isJsonObject(notifications)) tell(wire, listen, 'subscriptions/acknowledged', { notifications })
}

const willing: Script = (message, wire) => {
  if (message.method === LISTEN) return acknowledge(wire, message)
  if (message.id !== undefined) wire.answer(message, {})
}

function modern(script: Script = willing, capabilities: JsonObject = CAPABILITIES): ScriptedTransport {
  return scripted(ofEra('modern', script, { capabilities }))
}

function legacy(script: Script = willing, capabilities: JsonObject = CAPABILITIES): ScriptedTransport {
  return scripted(ofEra('legacy', script, { capabilities }))
}

const count = (server: ScriptedTransport, method: string): number =>
  server.methods.filter((one) => one === method).length

/** Lets everything settle, and then time pass. */
const pass = (clock: FakeClock, ms: number): Promise<void> => clock.advance(ms)

describe.each([...ERAS])('subscriptions in the %s era', (era) => {
  const make = era === 'modern' ? modern : legacy

  test('[MCP-175] tell of what was wanted, as far as the server honours it', async () => {
    const server = make(willing, { tools: LISTS, resources: { subscribe: true } })
    await using client = await connect(server)
    const heard: Change[] = []
    const wanted = { tools: true, prompts: true, uris: ['a:1'] }
    const subscription = await client.listen(wanted, (change) => heard.push(change))
    expect(subscription.honoured).toEqual({ tools: true, prompts: false, resources: false, uris: ['a:1'] })
    const listen = era === 'modern' ? await server.got(LISTEN) : undefined
    for (const list of ['tools', 'resources']) tell(server.wire, listen, `${list}/list_changed`)
    tell(server.wire, listen, 'resources/updated', { uri: 'a:1/part' })
    tell(server.wire, listen, 'resources/updated', {})
    await server.wire.flushed()
    expect(heard).toEqual([
      { kind: 'tools', missed: false },
      { kind: 'resource', uri: 'a:1/part', missed: false },
    ])
  })

  test('end when nobody wants them any more, and are heard no longer', async () => {
    const server = make()
    await using client = await connect(server)
    const heard: Change[] = []
    const subscription = await client.listen({ tools: true, uris: ['a:1'] }, (change) => heard.push(change))
    await subscription.stop()
    await server.got(era === 'modern' ? 'notifications/cancelled' : 'resources/unsubscribe')
    tell(server.wire, undefined, 'tools/list_changed')
    await server.wire.flushed()
    expect(heard).toEqual([])
  })

  test('to a resource are made once, told to onResourceUpdated, and taken back', async () => {
    const server = make()
    const updated: string[] = []
    await using client = await connect(server, { onResourceUpdated: (uri) => updated.push(uri) })
    await client.subscribe('a:1')
    await client.subscribe('a:1')
    const listen = era === 'modern' ? await server.got(LISTEN) : undefined
    tell(server.wire, listen, 'resources/updated', { uri: 'a:1' })
    await server.wire.flushed()
    expect(updated).toEqual(['a:1'])
    expect(count(server, era === 'modern' ? LISTEN : 'resources/subscribe')).toBe(1)
    await client.unsubscribe('a:1')
    await server.got(era === 'modern' ? 'notifications/cancelled' : 'resources/unsubscribe')
    await client.unsubscribe('a:1')
  })

  test('to a resource that is refused reject for everybody who asks at the same time', async () => {
    const server = make((message, wire) => wire.fail(message, -32602, 'not this one'))
    await using client = await connect(server)
    const errors = await Promise.all([failure(client.subscribe('a:1')), failure(client.subscribe('a:1'))])
    expect(errors).toMatchObject([{ code: -32602 }, { code: -32602 }])
  })

  test('to a resource go on for the second when the first gives up', async () => {
    const waiting: (() => void)[] = []
    const server = make((message, wire) => {
      waiting.push(() => willing(message, wire))
    })
    await using client = await connect(server)
    const [first, second] = [new AbortController(), new AbortController()]
    const given = failure(client.subscribe('a:1', { signal: first.signal }))
    const left = failure(client.subscribe('a:1', { signal: second.signal }))
    const stays = client.subscribe('a:1')
    second.abort('me too')
    expect(await left).toBe('me too')
    first.abort('enough')
    expect(await given).toBe('enough')
    await settle()
    for (let answered = 0; answered < waiting.length; answered++) {
      waiting[answered]?.()
      await settle()
    }
    await stays
  })

  test('to a resource fail where the server tells of none', async () => {
    const server = make(willing, { resources: {} })
    await using client = await connect(server)
    expect(await failure(client.subscribe('a:1'))).toMatchObject({ code: -32601 })
    expect(server.methods).not.toContain(era === 'modern' ? LISTEN : 'resources/subscribe')
  })

  test('that the server refuses reject with what it answered, and can be asked for again', async () => {
    let refuses = true
    const server = make((message, wire) => {
      if (refuses) return wire.fail(message, -32602, 'not this one')
      willing(message, wire)
    })
    await using client = await connect(server)
    expect(await failure(client.subscribe('a:1'))).toMatchObject({ code: -32602, message: 'not this one' })
    refuses = false
    await client.subscribe('a:1')
  })

  test('that are given up are taken back', async () => {
    const server = make(() => {})
    await using client = await connect(server)
    const controller = new AbortController()
    const given = failure(client.listen({ uris: ['a:1'] }, () => {}, { signal: controller.signal }))
    await server.got(era === 'modern' ? LISTEN : 'resources/subscribe')
    controller.abort('enough')
    expect(await given).toBe('enough')
  })

  test('of one moment are asked for together, each uri once', async () => {
    const server = make()
    await using client = await connect(server)
    await Promise.all([
      client.listen({ tools: true, uris: ['a:1'] }, () => {}),
      client.listen({ prompts: true, uris: ['a:1', 'a:2'] }, () => {}),
    ])
    if (era === 'modern') {
      expect(count(server, LISTEN)).toBe(1)
      expect((await server.got(LISTEN)).params?.notifications).toEqual({
        toolsListChanged: true,
        promptsListChanged: true,
        resourceSubscriptions: ['a:1', 'a:2'],
      })
    } else {
      const uris = server.received
        .filter(({ method }) => method === 'resources/subscribe')
        .map((one) => one.params?.uri)
      expect(uris).toEqual(['a:1', 'a:2'])
    }
  })

  test('of connect are told by the callback of their kind', async () => {
    const server = make()
    const heard: string[] = []
    await using _ = await connect(server, {
      onToolsChanged: () => heard.push('tools'),
      onPromptsChanged: () => heard.push('prompts'),
      onResourcesChanged: () => heard.push('resources'),
    })
    const listen = era === 'modern' ? await server.got(LISTEN) : undefined
    for (const list of ['tools', 'prompts', 'resources']) tell(server.wire, listen, `${list}/list_changed`)
    await server.wire.flushed()
    expect(heard).toEqual(['tools', 'prompts', 'resources'])
  })
})

describe('the one subscription of the modern era', () => {
  test('is replaced without a gap when more is wanted: the old one ends when the new one is acknowledged', async () => {
    let slow: (() => void) | undefined
    const server = modern((message, wire) => {
      if (message.method !== LISTEN) return
      if (slow === undefined) {
        slow = () => {}
        return acknowledge(wire, message)
      }
      slow = () => acknowledge(wire, message)
    })
    await using client = await connect(server)
    const heard: Change[] = []
    await client.listen({ tools: true }, (change) => heard.push(change))
    const first = await server.got(LISTEN)
    const more = client.listen({ prompts: true }, () => {})
    await server.got(LISTEN, 2)
    tell(server.wire, first, 'tools/list_changed')
    await server.wire.flushed()
    expect(heard).toHaveLength(1)
    expect(server.methods).not.toContain('notifications/cancelled')
    slow?.()
    await more
    expect((await server.got('notifications/cancelled')).params).toMatchObject({ requestId: first.id })
  })

  test('goes on as it was when more is refused', async () => {
    const server = modern((message, wire) => {
      if (message.method !== LISTEN) return
      if (count(server, LISTEN) > 1) return wire.fail(message, -31999, 'too many')
      acknowledge(wire, message)
    })
    const options: ConnectOptions = { onStray() {} }
    await using client = await connect(server, options)
    const heard: Change[] = []
    await client.listen({ tools: true }, (change) => heard.push(change))
    expect(await failure(client.listen({ prompts: true }, () => {}))).toMatchObject({ code: -31999 })
    tell(server.wire, await server.got(LISTEN), 'tools/list_changed')
    await server.wire.flushed()
    expect(heard).toHaveLength(1)
    expect(count(server, LISTEN)).toBe(2)
  })

  test('[MCP-155] opens again after pauses that grow, and tells all that may have been missed', async () => {
    const clock = createFakeClock()
    let up = true
    const server = modern((message, wire) => {
      if (message.method === 'tools/list') return wire.answer(message, { tools: [], ttlMs: 1e9 })
      if (message.method !== LISTEN) return
      if (up) acknowledge(wire, message)
      else wire.fail(message, -32603, 'out of order')
    })
    const strays: string[] = []
    const onStray = ({ message }: { message: string }): void => void strays.push(message)
    await using client = await connect(server, { clock, random: () => 1, onStray })
    const heard: Change[] = []
    await client.listen({ tools: true, uris: ['a:1'] }, (change) => heard.push(change))
    await client.listTools()
    const first = await server.got(LISTEN)
    up = false
    server.wire.answer(first, { resultType: 'complete' })
    await pass(clock, 499)
    expect(count(server, LISTEN)).toBe(1)
    await pass(clock, 1)
    expect(count(server, LISTEN)).toBe(2)
    await pass(clock, 999)
    expect(count(server, LISTEN)).toBe(2)
    up = true
    expect(heard).toEqual([])
    await pass(clock, 1)
    expect(count(server, LISTEN)).toBe(3)
    await pass(clock, 0)
    expect(heard).toEqual([
      { kind: 'tools', missed: true },
      { kind: 'resource', uri: 'a:1', missed: true },
    ])
    await client.listTools()
    expect(count(server, 'tools/list')).toBe(2)
    expect(strays.map((message) => message.replace(/^.*: /, ''))).toEqual(['the server ended it', 'out of order'])
  })

  test('pauses shortly again once it has lasted', async () => {
    const clock = createFakeClock()
    const server = modern()
    await using client = await connect(server, { clock, random: () => 1, onStray() {} })
    await client.listen({ tools: true }, () => {})
    for (const pauseMs of [500, 1_000]) {
      server.wire.answer(await server.got(LISTEN, count(server, LISTEN)), { resultType: 'complete' })
      await pass(clock, pauseMs)
      await pass(clock, 0)
    }
    expect(count(server, LISTEN)).toBe(3)
    await pass(clock, 30_000)
    server.wire.answer(await server.got(LISTEN, 3), { resultType: 'complete' })
    await pass(clock, 500)
    expect(count(server, LISTEN)).toBe(4)
  })

  test('is not opened again after a refusal for good', async () => {
    const clock = createFakeClock()
    const server = modern((message, wire) => wire.fail(message, -32601, 'Method not found'))
    await using _ = await connect(server, { clock, onStray() {}, onToolsChanged() {} })
    await server.got(LISTEN)
    await pass(clock, 3_600_000)
    expect(count(server, LISTEN)).toBe(1)
    expect(clock.timers).toBe(0)
  })

  test('that is never acknowledged fails', async () => {
    const clock = createFakeClock()
    const server = modern(() => {})
    await using client = await connect(server, { clock, onStray() {} })
    const given = failure(client.listen({ tools: true }, () => {}))
    await server.got(LISTEN)
    await pass(clock, 60_000)
    expect(await given).toMatchObject({ code: 'timeout', method: LISTEN })
    await server.got('notifications/cancelled')
  })

  test('keeps no timer and no place in a connection that is closed', async () => {
    const clock = createFakeClock()
    const server = modern()
    const client = await connect(server, { clock, onStray() {} })
    await client.listen({ tools: true }, () => {})
    const before = clock.timers
    server.wire.answer(await server.got(LISTEN), { resultType: 'complete' })
    await pass(clock, 0)
    expect(clock.timers).toBe(before + 1)
    await client.close()
    expect(clock.timers).toBe(0)
  })
})

describe('a legacy server', () => {
  test('that refuses one resource of several is told by its error, and the others go on', async () => {
    const server = legacy((message, wire) => {
      if (message.params?.uri === 'a:2') return wire.fail(message, -32002, 'Resource not found')
      willing(message, wire)
    })
    await using client = await connect(server)
    const [one, two] = await Promise.allSettled([client.subscribe('a:1'), client.subscribe('a:2')])
    expect([one.status, two.status]).toEqual(['fulfilled', 'rejected'])
    expect(two).toMatchObject({ reason: { code: -32002 } })
    expect(server.methods).not.toContain('resources/unsubscribe')
  })

  test('that began anew is told again what it has to know, and what may have been missed is told', async () => {
    const greeting = { capabilities: { ...CAPABILITIES, logging: {} } }
    const server = scripted(ofEra('legacy', willing, greeting))
    let renewed: (() => void) | undefined
    const transport: Transport = {
      name: server.name,
      identity: server.identity,
      silenceIsEvidence: true,
      open(options) {
        renewed = options?.renewed
        return server.open(options)
      },
    }
    await using client = await connect(transport, { on: { roots: [] } })
    const heard: Change[] = []
    await client.setLogLevel('error')
    await client.listen({ tools: true, uris: ['a:1', 'a:2'] }, (change) => heard.push(change))
    await client.unsubscribe('a:3')
    renewed?.()
    expect((await server.got('logging/setLevel', 2)).params).toEqual({ level: 'error' })
    await server.got('notifications/roots/list_changed')
    await server.got('resources/subscribe', 4)
    const uris = server.received.filter(({ method }) => method === 'resources/subscribe').map((one) => one.params?.uri)
    expect(uris).toEqual(['a:1', 'a:2', 'a:1', 'a:2'])
    await settle()
    expect(heard.map((change) => [change.kind, change.missed])).toEqual([
      ['tools', true],
      ['resource', true],
      ['resource', true],
    ])
  })

  test('[MCP-165] that began anew is sent no cursor from before: the list begins again', async () => {
    let renewed: (() => void) | undefined
    const server = legacy((message, wire) => {
      const isFirst = message.params?.cursor === undefined
      if (isFirst && count(server, 'tools/list') === 1) renewed?.()
      if (message.id === undefined) return
      wire.answer(message, { tools: [{ name: isFirst ? 'a' : 'b' }], ...(isFirst && { nextCursor: '2' }) })
    })
    const transport: Transport = {
      name: server.name,
      identity: server.identity,
      silenceIsEvidence: true,
      open(options) {
        renewed = options?.renewed
        return server.open(options)
      },
    }
    await using client = await connect(transport)
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['a', 'b'])
    const cursors = server.received.filter(({ method }) => method === 'tools/list').map(({ params }) => params?.cursor)
    expect(cursors).toEqual([undefined, undefined, '2'])
  })
})
