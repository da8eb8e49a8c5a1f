import { describe } from 'bun:test'
import {
  type CallOptions,
  type Channel,
  type Clock,
  createPeer,
  type InputRequest,
  isInputRequests,
  isJsonObject,
  type JsonObject,
  META,
  mcpConventions,
  memoryChannelPair,
  type Notice,
  type Peer,
  type Stray,
} from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import { type ServerConnection, serveChannel } from '../src/connection.ts'
import type { Server } from '../src/server.ts'
import type { ServeOptions, ServerLog } from '../src/serving.ts'

export const MODERN = '2026-07-28'
export const NEWEST_HANDSHAKE = '2025-11-25'
export const HANDSHAKES: readonly string[] = ['2024-11-05', '2025-03-26', '2025-06-18', NEWEST_HANDSHAKE]

/** What a client that declares everything declares. */
export const ALL_CAPABILITIES: JsonObject = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {}, context: {} },
  roots: {},
}

export interface OpenOptions extends ServeOptions {
  version?: string
  capabilities?: JsonObject
  /** Least severe log level wanted. */
  logLevel?: string
  /** How the client answers what it is asked. Default: accepts every form with nothing in it. */
  answer?: (question: InputRequest, signal: AbortSignal) => JsonObject | Promise<JsonObject>
  /** Wraps the server's end of the pipe. */
  wrap?: (channel: Channel) => Channel
}

/** A raw client on one pipe with a server; dies with its block. */
export interface Pair extends AsyncDisposable {
  readonly peer: Peer
  readonly connection: ServerConnection
  readonly log: RecordingLog
  /** Everything the server told without being asked, in order. */
  readonly notices: readonly Notice[]
  /** What arrived and belongs to nothing, such as an answer to a call that was given up. */
  readonly strays: readonly Stray[]
  /** Everything the server asked, in order. */
  readonly questions: readonly InputRequest[]
  /** One request with the metadata of the era. */
  request(method: string, params?: JsonObject, options?: CallOptions): Promise<JsonObject>
  /** Any request to its end, through every round of questions. */
  settled(method: string, params?: JsonObject, options?: CallOptions): Promise<JsonObject>
  /** `tools/call` to its end, through every round of questions. */
  call(name: string, args?: JsonObject, meta?: JsonObject, options?: CallOptions): Promise<JsonObject>
  /** The params with the metadata of the era, for requests made by hand. */
  withMeta(params?: JsonObject, meta?: JsonObject): JsonObject
  /** Resolves when a notice has come that passes. */
  noticed(passes: (notice: Notice) => boolean): Promise<Notice>
  /** Resolves when everything the server has sent so far has arrived. */
  barrier(): Promise<void>
  /** Forgets the notices that have come. */
  forget(): void
}

export type Open = (server: Server, options?: OpenOptions) => Promise<Pair>

/** Runs the same tests in both eras. */
export function eachEra(body: (era: Era, open: Open) => void): void {
  describe('legacy', () =>
    body('legacy', (server, options) => openPair(server, { version: NEWEST_HANDSHAKE, ...options })))
  describe('modern', () => body('modern', (server, options) => openPair(server, { version: MODERN, ...options })))
}

/** Opens a pipe, with a handshake where the version has one. */
export async function openPair(server: Server, options: OpenOptions = {}): Promise<Pair> {
  const { version = MODERN, capabilities = ALL_CAPABILITIES, logLevel, wrap = (channel) => channel } = options
  const { answer = () => ({ action: 'accept', content: {} }) } = options
  const isModern = version === MODERN
  const [left, right] = memoryChannelPair()
  const log = recordingLog()
  const notices: Notice[] = []
  const strays: Stray[] = []
  const questions: InputRequest[] = []
  const waiting = new Set<() => void>()

  function answerQuestion(question: InputRequest, signal: AbortSignal): JsonObject | Promise<JsonObject> {
    questions.push(question)
    return answer(question, signal)
  }

  const connection = serveChannel(server, wrap(right), { log, ...options })
  const peer = createPeer(
    left,
    {
      request: ({ method, params }, exchange) =>
        answerQuestion({ method, ...(params !== undefined && { params }) }, exchange.signal),
      notice(notice) {
        notices.push(notice)
        for (const look of waiting) look()
      },
    },
    // raw: nothing is added to what is sent, and notices are not sorted by the calls they belong to
    {
      conventions: { ...mcpConventions, mark: (_method, params) => params, callOf: () => undefined },
      onStray: (stray) => strays.push(stray),
    },
  )

  function withMeta(params: JsonObject = {}, meta: JsonObject = {}): JsonObject {
    const own = isModern
      ? { ...modernMeta(capabilities), ...(logLevel !== undefined && { [META.logLevel]: logLevel }) }
      : {}
    const all = { ...own, ...meta }
    return Object.keys(all).length === 0 ? params : { ...params, _meta: all }
  }

  async function call(
    name: string,
    args?: JsonObject,
    meta?: JsonObject,
    callOptions?: CallOptions,
  ): Promise<JsonObject> {
    return settled('tools/call', withMeta({ name, ...(args !== undefined && { arguments: args }) }, meta), callOptions)
  }

  async function settled(method: string, params: JsonObject, callOptions?: CallOptions): Promise<JsonObject> {
    let result = await peer.request(method, params, callOptions)
    while (result.resultType === 'input_required') {
      const { inputRequests = {}, requestState } = result
      if (!isInputRequests(inputRequests)) throw new TypeError('inputRequests are malformed')
      const { signal } = new AbortController()
      const entries = Object.entries(inputRequests).map(
        async ([key, question]) => [key, await answerQuestion(question, signal)] as const,
      )
      const inputResponses = Object.fromEntries(await Promise.all(entries))
      result = await peer.request(method, { ...params, inputResponses, requestState }, callOptions)
    }
    return result
  }

  if (!isModern) {
    await peer.request('initialize', { protocolVersion: version, capabilities, clientInfo: CLIENT_INFO })
    await peer.notify('notifications/initialized')
    if (logLevel !== undefined) await peer.request('logging/setLevel', { level: logLevel })
  }

  return {
    peer,
    connection,
    log,
    notices,
    strays,
    questions,
    request: (method, params, callOptions) => peer.request(method, withMeta(params), callOptions),
    call,
    settled: (method, params, callOptions) => settled(method, withMeta(params), callOptions),
    withMeta,
    noticed: (passes) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = notices.find(passes)
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async barrier() {
      await peer.request('tools/list', isModern ? withMeta() : undefined)
    },
    forget: () => void notices.splice(0),
    [Symbol.asyncDispose]: () => left.close(),
  }
}

export const CLIENT_INFO: JsonObject = { name: 'test client', version: '1' }

/** The metadata of a modern request. */
export function modernMeta(capabilities: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return { [META.protocolVersion]: MODERN, [META.clientCapabilities]: capabilities, ...more }
}

export interface LogLine {
  level: 'debug' | 'info' | 'warning' | 'error'
  message: string
  cause?: unknown
}

export interface RecordingLog extends ServerLog {
  readonly lines: readonly LogLine[]
}

export function recordingLog(): RecordingLog {
  const lines: LogLine[] = []
  return {
    lines,
    debug: (message) => void lines.push({ level: 'debug', message }),
    info: (message) => void lines.push({ level: 'info', message }),
    warning: (message) => void lines.push({ level: 'warning', message }),
    error: (message, cause) => void lines.push({ level: 'error', message, cause }),
  }
}

export interface FakeClock extends Clock {
  /** Moves time on and fires what became due, in order. */
  advance(ms: number): void
}

export function fakeClock(): FakeClock {
  let now = 0
  const timers = new Set<{ at: number; fn: () => void }>()
  return {
    now: () => now,
    after(ms, fn) {
      const timer = { at: now + ms, fn }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const [due] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
        if (due === undefined) break
        timers.delete(due)
        now = due.at
        due.fn()
      }
      now = until
    },
  }
}

/** A promise that something outside settles. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Lets everything happen that needs no more than microtasks. */
export async function microtasks(): Promise<void> {
  for (let i = 0; i < 50; i++) await undefined
}

/** Keys and answers of one round, read from an `input_required` result. */
export function questionsOf(result: JsonObject): { keys: string[]; state: string } {
  const { inputRequests = {}, requestState } = result
  if (!isInputRequests(inputRequests)) throw new TypeError('inputRequests are malformed')
  if (typeof requestState !== 'string') throw new TypeError('there is no requestState')
  return { keys: Object.keys(inputRequests), state: requestState }
}

/** The text of the first block of a result. */
export function textOf(result: JsonObject): string {
  const { content } = result
  const [first]: unknown[] = Array.isArray(content) ? content : []
  if (!isJsonObject(first) || typeof first.text !== 'string') throw new TypeError('the result has no text')
  return first.text
}

/** The `_meta` of a result. */
export function metaOf({ _meta }: JsonObject): JsonObject {
  return isJsonObject(_meta) ? _meta : {}
}

/** Names of the tools in a list result. */
export function namesOf({ tools }: JsonObject): string[] {
  return Array.isArray(tools) ? tools.map((one) => String(one.name)) : []
}
