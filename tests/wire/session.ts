import { stdio } from '@bao-mcp/client'
import type { RevisionDate } from '@bao-mcp/protocol'
import { isJsonObject, type JsonObject, type JsonRpcMessage, META } from '@bao-mcp/protocol/engine'
import { channelTap, type Random } from '@bao-mcp/protocol/testing'
import type { Line } from './judge.ts'
import { acceptance, capabilitiesOf, serverCommand, TOOLS } from './vocabulary.ts'

const MODERN = '2026-07-28'

export interface Session {
  lines: readonly Line[]
  /** Calls that can be answered and were not, when the session was over. */
  unanswered: readonly unknown[]
}

/** A raw client that sends whatever comes to its mind to a real server process, in and out of order. */
export async function randomSession(random: Random, revision: RevisionDate, steps: number): Promise<Session> {
  const tap = channelTap(await stdio(serverCommand).open())
  const pending = new Map<unknown, JsonObject>()
  const waiting = new Set<() => void>()
  const subscriptions: number[] = []
  const capabilities = capabilitiesOf(revision)
  let nextId = 1

  function send(message: unknown): void {
    // proof: what a client may not send is sent on purpose, and it is JSON
    void tap.send(message as JsonRpcMessage)
  }

  function request(method: string, params: JsonObject): number {
    const id = nextId++
    pending.set(id, params)
    send({ jsonrpc: '2.0', id, method, params })
    return id
  }

  function describe(params: JsonObject): JsonObject {
    const isModern = revision === MODERN || random.chance(0.1)
    const _meta: JsonObject = {}
    if (random.chance(0.5)) _meta.progressToken = `token ${nextId}`
    if (isModern) {
      _meta[META.protocolVersion] = random.chance(0.02) ? '2099-01-01' : MODERN
      _meta[META.clientCapabilities] = random.pick<unknown>([capabilities, capabilities, { roots: {} }, {}, null])
      if (random.chance(0.5)) _meta[META.logLevel] = random.pick(['debug', 'error'])
    }
    return { ...params, ...(Object.keys(_meta).length > 0 && { _meta }) }
  }

  function answer(question: JsonObject): JsonObject {
    const { id, method } = question
    if (random.chance(0.1)) return { jsonrpc: '2.0', id, error: { code: -1, message: 'no' } }
    return { jsonrpc: '2.0', id, result: random.chance(0.1) ? {} : acceptance(random, String(method)) }
  }

  /** The next round of a call that requires input, or nothing: a server must not assume that a client comes back. */
  function goOn(params: JsonObject, result: JsonObject): void {
    if (result.resultType !== 'input_required' || random.chance(0.1)) return
    const asked = isJsonObject(result.inputRequests) ? result.inputRequests : {}
    const inputResponses = Object.fromEntries(
      Object.entries(asked).map(([key, one]) => [key, acceptance(random, isJsonObject(one) ? String(one.method) : '')]),
    )
    const requestState = random.chance(0.1) ? 'forged' : result.requestState
    request('tools/call', { ...params, inputResponses, ...(requestState !== undefined && { requestState }) })
  }

  function receive(value: unknown): void {
    for (const message of Array.isArray(value) ? value : [value]) {
      if ('method' in message) {
        if ('id' in message) send(answer(message))
        continue
      }
      const params = pending.get(message.id)
      pending.delete(message.id)
      if (params !== undefined && isJsonObject(message.result)) goOn(params, message.result)
    }
    for (const look of waiting) look()
  }

  /** Resolves when everything that can be answered was; rejects when the server is gone. */
  function quiet(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (pending.size > 0 && !over) return
        waiting.delete(look)
        if (over && pending.size > 0) reject(new Error(`the server ended and owes ${[...pending.keys()].join(', ')}`))
        else resolve()
      }
      waiting.add(look)
      look()
    })
  }

  let over = false
  tap.open({
    message: receive,
    unreadable: ({ excerpt }) => {
      throw new Error(`not JSON: ${excerpt}`)
    },
    end() {
      over = true
      for (const look of waiting) look()
    },
  })

  const callTool = (): number =>
    request(
      'tools/call',
      describe({
        name: random.pick(TOOLS),
        arguments: {
          text: 't',
          n: random.below(9),
          how: random.pick(['add', 'rename', 'remove', 'disable', 'enable']),
        },
      }),
    )

  const cancel = (id: unknown): void => {
    pending.delete(id)
    send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason: 'a whim' } })
  }

  const acts: readonly (() => unknown)[] = [
    callTool,
    callTool,
    callTool,
    callTool,
    () =>
      request('tools/list', describe(random.chance(0.7) ? {} : { cursor: random.pick(['', btoa('after:3'), 'x']) })),
    () =>
      request(
        'tools/call',
        describe(random.pick([{}, { name: 'typed' }, { name: 'none' }, { name: 'echo', arguments: 1 }])),
      ),
    () =>
      request(
        random.pick(['ping', 'server/discover', 'nonsense', 'resources/list', 'initialize', 'logging/setLevel']),
        describe({ level: 'debug' }),
      ),
    () => cancel(callTool()),
    () => cancel(request('tools/call', describe({ name: 'wait', arguments: {} }))),
    () => {
      const params = describe({ notifications: { toolsListChanged: random.chance(0.8) } })
      const id = nextId++
      send({ jsonrpc: '2.0', id, method: 'subscriptions/listen', params })
      subscriptions.push(id)
    },
    () => cancel(subscriptions.shift() ?? 'nothing'),
    () => send({ jsonrpc: '2.0', id: nextId++, method: 'tools/call', params: random.pick([[], 1, null]) }),
    () => send({ jsonrpc: random.pick([1, '1.0']), id: nextId++, method: 'ping' }),
    () => send({ jsonrpc: '2.0', id: nextId++, result: {} }),
    () =>
      send(['ping', 'tools/list'].map((method) => ({ jsonrpc: '2.0', id: nextId++, method, params: describe({}) }))),
  ]

  if (revision !== MODERN) {
    const clientInfo = { name: 'random', version: '1' }
    request('initialize', { protocolVersion: revision, capabilities, clientInfo })
    await quiet()
    send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }
  for (let step = 0; step < steps; step++) {
    random.pick(acts)()
    if (random.chance(0.2)) await quiet()
  }
  await quiet()
  await tap.close()
  const lines = tap.lines.map(({ way, text }): Line => ({ from: way === 'sent' ? 'client' : 'server', text }))
  return { lines, unanswered: [...pending.keys()] }
}
