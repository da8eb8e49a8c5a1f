import {
  type Channel,
  type CloseReason,
  createNdjsonReader,
  encodeMessage,
  type JsonObject,
  type Receiver,
} from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Transport } from '../transports/transport.ts'

/** A message as the server sees it. */
export interface Incoming {
  id?: string | number
  method?: string
  params?: JsonObject
  result?: JsonObject
  error?: JsonObject
}

/** The server's end of one connection. What is written in one tick arrives as one chunk. */
export interface Wire {
  /** Which connection of the transport this is, from 1. */
  readonly nth: number
  answer(message: Incoming, result: JsonObject): void
  fail(message: Incoming, code: number, message_: string, data?: unknown): void
  send(message: object): void
  /** Writes text as it is, without a newline of its own. */
  write(text: string): void
  end(reason?: Partial<CloseReason>): void
  /** Resolves when what was written has arrived. */
  flushed(): Promise<void>
}

export type Script = (message: Incoming, wire: Wire) => void

/** A transport to a server that does what it is told. */
export interface ScriptedTransport extends Transport {
  /** Everything that was sent to the server, over all connections, in order. */
  readonly received: readonly Incoming[]
  /** Methods of what was received. */
  readonly methods: readonly (string | undefined)[]
  readonly wires: readonly Wire[]
  readonly opens: number
  /** The connection opened last. */
  readonly wire: Wire
  /** Connections that were closed from the client's side. */
  readonly closes: number
  /** Resolves with the nth message of a method, at once when it is there already. */
  got(method: string, nth?: number): Promise<Incoming>
  /** Resolves with the nth answer to a request of the server. */
  answered(id: string | number): Promise<Incoming>
}

let names = 0

export function scripted(script: Script, options: { silenceIsEvidence?: boolean } = {}): ScriptedTransport {
  const received: Incoming[] = []
  const wires: Wire[] = []
  let closes = 0
  let waiting: { fits: (message: Incoming) => boolean; nth: number; resolve: (message: Incoming) => void }[] = []

  function receive(message: Incoming): void {
    received.push(message)
    waiting = waiting.filter(({ fits, nth, resolve }) => {
      const found = received.filter(fits)[nth - 1]
      if (found !== undefined) resolve(found)
      return found === undefined
    })
  }

  function wait(fits: (message: Incoming) => boolean, nth: number): Promise<Incoming> {
    const found = received.filter(fits)[nth - 1]
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => waiting.push({ fits, nth, resolve }))
  }

  function connection(): Channel {
    let receiver: Receiver | undefined
    let pending = ''
    let reason: CloseReason | undefined
    const encoder = new TextEncoder()
    const reader = createNdjsonReader({
      message: (value) => receiver?.message(value),
      unreadable: (fault) => receiver?.unreadable(fault),
    })
    let arrival = Promise.withResolvers<void>()
    const flush = (): void => {
      const text = pending
      pending = ''
      if (text !== '') reader.push(encoder.encode(text))
      arrival.resolve()
      arrival = Promise.withResolvers()
      if (reason === undefined) return
      const last = receiver
      receiver = undefined
      last?.end(reason)
    }
    const finish = (why: CloseReason): void => {
      reason ??= why
      queueMicrotask(flush)
    }
    const wire: Wire = {
      nth: wires.length + 1,
      answer: ({ id }, result) => wire.send({ jsonrpc: '2.0', id, result }),
      fail: ({ id }, code, message, data) => wire.send({ jsonrpc: '2.0', id, error: { code, message, data } }),
      send: (message) => wire.write(`${JSON.stringify(message)}\n`),
      write(text) {
        if (pending === '') queueMicrotask(flush)
        pending += text
      },
      flushed: () => (pending === '' ? Promise.resolve() : arrival.promise),
      end: (why = {}) => finish({ kind: 'remote', message: 'the server is gone', ...why }),
    }
    wires.push(wire)
    return {
      open(to) {
        receiver = to
      },
      send(messages) {
        for (const message of [messages].flat()) {
          // proof: encodeMessage just wrote it
          const copy = JSON.parse(encodeMessage(message)) as Incoming
          queueMicrotask(() => {
            if (reason !== undefined) return
            receive(copy)
            script(copy, wire)
          })
        }
      },
      async close() {
        closes++
        // what was sent before has left
        await Promise.resolve()
        finish({ kind: 'local', message: 'closed by this side' })
      },
      [Symbol.asyncDispose]() {
        return this.close()
      },
    }
  }

  const name = `scripted ${++names}`
  return {
    name,
    identity: name,
    silenceIsEvidence: options.silenceIsEvidence ?? true,
    received,
    get methods() {
      return received.map((message) => message.method)
    },
    wires,
    get opens() {
      return wires.length
    },
    get wire() {
      const last = wires.at(-1)
      if (last === undefined) throw new Error('no connection was opened')
      return last
    },
    get closes() {
      return closes
    },
    got: (method, nth = 1) => wait((message) => message.method === method, nth),
    answered: (id) => wait((message) => message.method === undefined && message.id === id, 1),
    async open({ signal } = {}) {
      signal?.throwIfAborted()
      return connection()
    },
  }
}

export const ERAS: readonly Era[] = ['legacy', 'modern']
export const MODERN = '2026-07-28'
export const LEGACY = '2025-11-25'
export const SERVER_INFO = { name: 'scripted', version: '1.2.3' }

/** A server of one era: it opens conversations by itself and leaves the rest to the script. */
export function ofEra(era: Era, script: Script = () => {}, greeting: JsonObject = {}): Script {
  return (message, wire) => {
    if (message.method === 'notifications/initialized') return
    if (message.method === 'server/discover') {
      if (era === 'modern') return wire.answer(message, discovered(greeting))
      return wire.fail(message, -32601, 'Method not found')
    }
    if (message.method === 'initialize') {
      if (era === 'legacy') return wire.answer(message, initialized(greeting))
      return wire.fail(message, -32022, 'Unsupported protocol version', { supported: [MODERN], requested: LEGACY })
    }
    script(message, wire)
  }
}

export function discovered(more: JsonObject = {}): JsonObject {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO },
    ...more,
  }
}

export function initialized(more: JsonObject = {}): JsonObject {
  return { protocolVersion: LEGACY, capabilities: { tools: {} }, serverInfo: SERVER_INFO, ...more }
}
