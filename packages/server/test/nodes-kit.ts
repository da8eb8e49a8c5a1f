/** What the tests of sessions share: nodes over one hub that can be counted and made to fail, and tools that wait. */
import type { Clock, JsonObject } from '@bao-mcp/protocol/engine'
import type { CallContext } from '../src/context.ts'
import type { TokenVerifier } from '../src/http/auth/auth-info.ts'
import { type HttpHandler, httpHandler } from '../src/http/handler.ts'
import type { HttpOptions } from '../src/http/options.ts'
import { HubError } from '../src/hub/error.ts'
import { memoryHub } from '../src/hub/memory.ts'
import type { Hub } from '../src/hub/port.ts'
import { type Resource, resource } from '../src/registry/resource.ts'
import { type Tool, tool } from '../src/registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../src/server.ts'
import { bodyOf, events, type LegacySession } from './http-kit.ts'
import { type FakeClock, fakeClock, type Gate, gate, type RecordingLog, recordingLog } from './kit.ts'

/** A clock that knows how many timers wait. */
export interface CountingClock extends FakeClock {
  readonly waiting: number
}

export function countingClock(): CountingClock {
  const clock = fakeClock()
  let waiting = 0
  return {
    now: clock.now,
    advance: clock.advance,
    after(ms, fn) {
      let isOver = false
      waiting++
      const over = (): boolean => {
        if (isOver) return false
        isOver = true
        waiting--
        return true
      }
      const stop = clock.after(ms, () => over() && fn())
      return () => void (over() && stop())
    },
    get waiting() {
      return waiting
    },
  }
}

/** A hub whose methods can be made to fail, and which knows who holds what of it. */
export interface TestHub extends Hub {
  /** These methods reject from now on. */
  fail(...methods: (keyof Hub)[]): void
  heal(): void
  /** Tells whoever follows or listens that the hub is lost, as a shared one does. */
  lose(): void
  /** Takes a node away as its death does. */
  bury(node: string): void
  /** Names of the nodes that have joined and not left. */
  readonly joined: ReadonlySet<string>
  /** Who follows or listens at this moment. */
  readonly listening: number
  /** Calls of a method so far. */
  calls(method: keyof Hub): number
  /** Runs after a method did, before its result is there. */
  after?: ((method: keyof Hub) => void | Promise<void>) | undefined
  /** Runs before a method does. */
  before?: ((method: keyof Hub, args: readonly unknown[]) => void | Promise<void>) | undefined
}

export function testHub(clock?: Clock): TestHub {
  const inner = memoryHub({}, clock)
  const failing = new Set<keyof Hub>()
  const counts = new Map<keyof Hub, number>()
  const joined = new Set<string>()
  const dead = new Set<string>()
  const holders = new Set<{ lost(error: Error): void }>()

  async function run<T>(method: keyof Hub, args: readonly unknown[], work: () => Promise<T>): Promise<T> {
    counts.set(method, (counts.get(method) ?? 0) + 1)
    await hub.before?.(method, args)
    if (failing.has(method)) throw new HubError('do what it should', 'the test wants it so')
    const result = await work()
    await hub.after?.(method)
    return result
  }

  async function hold(lost: ((error: Error) => void) | undefined, begun: Promise<() => void>): Promise<() => void> {
    const stop = await begun
    const holder = {
      lost(error: Error): void {
        leave()
        lost?.(error)
      },
    }
    const leave = (): void => {
      holders.delete(holder)
      stop()
    }
    holders.add(holder)
    return leave
  }

  const hub: TestHub = {
    put: (...args) => run('put', args, () => inner.put(...args)),
    get: (...args) => run('get', args, () => inner.get(...args)),
    claim: (...args) => run('claim', args, () => inner.claim(...args)),
    agree: (...args) => run('agree', args, () => inner.agree(...args)),
    create: (...args) => run('create', args, () => inner.create(...args)),
    update: (...args) => run('update', args, () => inner.update(...args)),
    read: (...args) => run('read', args, () => inner.read(...args)),
    remove: (...args) => run('remove', args, () => inner.remove(...args)),
    append: (...args) => run('append', args, () => inner.append(...args)),
    has: (...args) => run('has', args, () => inner.has(...args)),
    drop: (...args) => run('drop', args, () => inner.drop(...args)),
    publish: (...args) => run('publish', args, () => inner.publish(...args)),
    follow: (...args) => run('follow', args, () => hold(args[2].lost, inner.follow(...args))),
    listen: (...args) => run('listen', args, () => hold(args[2], inner.listen(...args))),
    async join(node, ttlMs) {
      const leave = await run('join', [node, ttlMs], () => inner.join(node, ttlMs))
      joined.add(node)
      return async () => {
        joined.delete(node)
        await leave()
      }
    },
    isAlive: (node) => run('isAlive', [node], async () => !dead.has(node) && inner.isAlive(node)),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
    fail: (...methods) => {
      for (const method of methods) failing.add(method)
    },
    heal: () => failing.clear(),
    lose() {
      const error = new HubError('keep listening', 'the test wants it so')
      for (const holder of [...holders]) holder.lost(error)
    },
    bury: (node) => void dead.add(node),
    joined,
    get listening() {
      return holders.size
    },
    calls: (method) => counts.get(method) ?? 0,
  }
  return hub
}

export interface Node {
  readonly handle: HttpHandler
  readonly server: Server
  readonly log: RecordingLog
}

/** Several nodes that serve the same definition; they end with their block. */
export interface Nodes extends AsyncDisposable {
  readonly clock: CountingClock
  readonly hub: TestHub
  readonly a: Node
  readonly b: Node
}

export interface NodesOptions extends HttpOptions {
  server?: Partial<ServerOptions>
}

/** Takes `Bearer <principal, backwards>`: a principal must not hold its token. */
export const trusting: TokenVerifier = {
  verify: async (token) => ({ principal: [...token].reverse().join(''), scopes: [] }),
}

export const AUTH: NonNullable<HttpOptions['auth']> = {
  verifier: trusting,
  resource: 'http://localhost:8080/mcp',
  authorizationServers: ['http://localhost:9000'],
}

/** @param tools made anew for each node, as separate processes would */
export function nodes(tools: () => Tool[], { server: more = {}, ...options }: NodesOptions = {}): Nodes {
  const clock = countingClock()
  const hub = testHub(clock)
  const start = (): Node => {
    const log = recordingLog()
    const resources: Resource[] = ['x:a', 'x:b'].map((uri) => resource({ uri, name: uri, read: () => uri }))
    const onHubError = (): void => undefined
    const server = createServer({ name: 's', version: '1', tools: tools(), resources, hub, onHubError, ...more })
    return { server, log, handle: httpHandler(server, { clock, log, ...options }) }
  }
  const [a, b] = [start(), start()]
  return {
    clock,
    hub,
    a,
    b,
    async [Symbol.asyncDispose]() {
      const closing = [a.handle.close(), b.handle.close()]
      // what still runs is given no time
      clock.advance(0)
      await Promise.all(closing)
    },
  }
}

/** A tool that says it has begun, and does what it is told next. */
export interface Steered {
  readonly tools: () => Tool[]
  /** Resolves with the context of the next call that begins. */
  begun(): Promise<CallContext>
  /** Lets the calls that run return. */
  readonly finish: Gate
}

export function steered(): Steered {
  const waiting: ((call: CallContext) => void)[] = []
  const early: CallContext[] = []
  const finish = gate()
  const wait = (): Tool =>
    tool({
      name: 'wait',
      async run(_args, call) {
        const next = waiting.shift()
        if (next === undefined) early.push(call)
        else next(call)
        await finish.opened
        return 'waited'
      },
    })
  return {
    finish,
    tools: () => [wait(), tool({ name: 'now', run: () => 'at once' })],
    begun() {
      const there = early.shift()
      return there === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(there)
    },
  }
}

/** `tools/call` in a session. */
export function callIn(
  session: LegacySession,
  name: string,
  { id, meta }: { id?: string | number; meta?: JsonObject } = {},
): Request {
  const params = { name, arguments: {}, ...(meta !== undefined && { _meta: meta }) }
  return session.request('tools/call', params, id === undefined ? {} : { id })
}

/** The text of the answer to a tool's call, whichever way it came. */
export async function answerOf(response: Response): Promise<JsonObject> {
  if (response.headers.get('content-type') !== 'text/event-stream') return bodyOf(response)
  const messages = await events(response).messages()
  const last = messages.at(-1)
  if (last === undefined) throw new TypeError('the stream ended without an answer')
  return last
}

/** An answer of the client to what it was asked. */
export function answerTo(question: JsonObject, result: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id: question.id, result }
}

/** A call that has told something and so has a stream: the reader has read it up to there. */
export const TOLD: JsonObject = { progressToken: 'p' }
