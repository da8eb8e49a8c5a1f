import { type Deadline, INVALID_REQUEST, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { Encode } from '../../encode.ts'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore } from '../../http/incoming.ts'
import type { SessionNode } from './node.ts'
import type { PostWay } from './post-way.ts'
import { createSession, type Session } from './session.ts'
import { belongsTo, createSessionMemory, isUsed, recordName, type SessionMemory, USED } from './session-memory.ts'

/** A session as this node knows it. What the hub knows of it lasts; the rest is made anew when it is needed. */
export interface KnownSession {
  readonly id: string
  readonly memory: SessionMemory
  /** The conversation of this node, begun if there is none. @throws {HttpFault} 404 when the session has ended */
  session(): Session
  /** The conversation of this node, where there is one. */
  readonly running: Session | undefined
  readonly isOver: boolean
  /** Nothing is answered or told here at this moment. */
  readonly isIdle: boolean
  /** POSTs that are being answered here, by the names of their streams. */
  readonly ways: Map<string, PostWay>
  /** What clients read here with GET, by the names of the streams. */
  readonly streams: Map<string, { detach(): void }>
}

/** The sessions this node has to do with. */
export interface Sessions {
  readonly size: number
  /** Where there is no room, ends the oldest one whose client has sent nothing but its handshake. Never rejects. */
  makeRoom(): Promise<void>
  /** A new one, not kept anywhere before its handshake is answered. @throws {RpcError} -31999 when there are too many */
  create(principal: string | undefined): KnownSession
  /** @throws {HttpFault} 404 for one that is over, was never there or belongs to somebody else */
  find(id: string, principal: string | undefined): Promise<KnownSession>
  /** Without looking further than this node. */
  known(id: string): KnownSession | undefined
  /** Ends what this node runs for a session; its calls are answered with this error. */
  end(id: string, error: RpcError): void
  all(): Iterable<KnownSession>
}

export interface SessionsOptions {
  readonly core: HttpCore
  readonly encode: Encode
  readonly node: SessionNode
}

/** How many times in its life an idle session is renewed at most. */
const RENEWALS = 8
/** What session ids look like: whatever does not is looked for nowhere. */
const SESSION_ID = /^[a-f\d-]{44}$/
/** Milliseconds without use after which this node keeps nothing of a session but that it exists. */
const CONVERSATION_IDLE_MS = 60_000

export function createSessions({ core, encode, node }: SessionsOptions): Sessions {
  const { serving, limits, deadlines } = core
  const { hub } = serving.server
  const { sessionIdleMs, maxSessions } = limits
  const renewAfterMs = sessionIdleMs / RENEWALS
  // the last use before a session is idle may have been one that did not renew it
  const keptMs = sessionIdleMs + renewAfterMs
  // often enough to renew one that is busy long before it ends
  const lookAfterMs = Math.min(CONVERSATION_IDLE_MS, sessionIdleMs / 2)
  const known = new Map<string, Known>()
  /** Those whose clients have sent nothing here but a handshake, the oldest first. */
  const unused = new Set<Known>()
  let conversations = 0

  /** "The request ID MUST NOT have been previously used", and a session may have several conversations, one by one. */
  function nextPrefix(): string {
    return `${node.id}:${(conversations++).toString(36)}:`
  }

  class Known implements KnownSession, Deadline {
    dueAt = 0
    heapIndex = -1
    readonly id: string
    readonly principal: string | undefined
    readonly memory: SessionMemory
    readonly ways: Map<string, PostWay> = new Map()
    readonly streams: Map<string, { detach(): void }> = new Map()
    isOver = false
    #session: Session | undefined
    /** When this node has last written that it is used; one that it has only heard of may be about to end. */
    #renewedAt = Number.NEGATIVE_INFINITY
    #usedAt = deadlines.now()

    constructor(id: string, principal: string | undefined) {
      this.id = id
      this.principal = principal
      this.memory = createSessionMemory({
        hub,
        session: id,
        principal,
        keptMs,
        onChanged: (uri, isWanted) => node.tellAll({ kind: 'changed', session: id, uri, isWanted }).catch(unheard),
      })
    }

    get isIdle(): boolean {
      return this.ways.size === 0 && this.streams.size === 0
    }

    get running(): Session | undefined {
      return this.#session
    }

    session(): Session {
      if (this.isOver) throw unknownSession()
      this.#session ??= createSession({ serving, encode, memory: this.memory, idPrefix: nextPrefix(), deadlines })
      return this.#session
    }

    use(): void {
      this.#usedAt = deadlines.now()
      if (this.heapIndex >= 0) return
      this.dueAt = this.#usedAt + lookAfterMs
      deadlines.add(this)
    }

    /** Keeps the record alive while the session is used, without a write for every request. */
    async renew(): Promise<boolean> {
      const now = deadlines.now()
      const last = this.#renewedAt
      if (now - last < renewAfterMs) return true
      this.#renewedAt = now
      try {
        return await hub.update(recordName(this.id), USED, keptMs)
      } catch (error) {
        this.#renewedAt = last
        throw error
      }
    }

    expire(): void {
      const idleMs = deadlines.now() - this.#usedAt
      if (this.ways.size === 0 && idleMs >= CONVERSATION_IDLE_MS) this.#closeConversation()
      if (this.isIdle && idleMs >= sessionIdleMs) return end(this.id, over())
      if (!this.isIdle) void this.#renewWhileBusy()
      this.dueAt = deadlines.now() + lookAfterMs
      deadlines.add(this)
    }

    async #renewWhileBusy(): Promise<void> {
      // nothing is kept of it before its handshake is answered
      if (this.memory.facts === undefined) return
      try {
        if (!(await this.renew())) end(this.id, over())
      } catch (error) {
        serving.log.error('a session could not be renewed', error)
      }
    }

    #closeConversation(): void {
      this.#session?.close()
      this.#session = undefined
    }

    end(error: RpcError): void {
      this.isOver = true
      deadlines.remove(this)
      this.#session?.peer.failInFlight(error)
      for (const way of this.ways.values()) way.unanswered()
      for (const stream of this.streams.values()) stream.detach()
      this.#closeConversation()
    }
  }

  function unheard(error: unknown): void {
    serving.log.error('other nodes could not be told of a session', error)
  }

  function end(id: string, error: RpcError): void {
    const session = known.get(id)
    if (session === undefined) return
    known.delete(id)
    unused.delete(session)
    session.end(error)
  }

  /** What the record holds, and not what it held before another node told of a change. */
  async function read(id: string): Promise<Record<string, string> | undefined> {
    for (;;) {
      const heardTimes = known.get(id)?.memory.heardTimes
      const fields = await hub.read(recordName(id))
      if (known.get(id)?.memory.heardTimes === heardTimes) return fields
    }
  }

  function remember(id: string, principal: string | undefined): Known {
    let session = known.get(id)
    if (session === undefined) {
      session = new Known(id, principal)
      known.set(id, session)
    }
    session.use()
    return session
  }

  return {
    get size() {
      return known.size
    },
    // so that handshakes which lead to nothing keep nobody out
    async makeRoom() {
      if (known.size < maxSessions) return
      const oldest = firstIdle(unused)
      if (oldest === undefined) return
      end(oldest.id, over())
      const record = recordName(oldest.id)
      try {
        const fields = await hub.read(record)
        // what was gone on with over another node stays there
        if (fields !== undefined && !isUsed(fields)) await hub.remove(record)
      } catch (error) {
        serving.log.error('a session that was never used will be kept for a while', error)
      }
    },
    create(principal) {
      if (known.size >= maxSessions) {
        throw new RpcError(SERVER_BUSY, `${known.size} sessions are open, which is the limit (maxSessions)`)
      }
      const session = remember(sessionId(), principal)
      unused.add(session)
      return session
    },
    async find(id, principal) {
      if (!SESSION_ID.test(id)) throw unknownSession()
      await node.join()
      const fields = await read(id)
      if (fields === undefined) end(id, over())
      if (fields === undefined || !belongsTo(fields, principal)) throw unknownSession()
      const session = remember(id, principal)
      unused.delete(session)
      session.memory.refresh(fields)
      if (await session.renew()) return session
      end(id, over())
      throw unknownSession()
    },
    known: (id) => known.get(id),
    end,
    all: () => known.values(),
  }
}

function firstIdle<S extends KnownSession>(sessions: Iterable<S>): S | undefined {
  for (const session of sessions) if (session.isIdle) return session
  return undefined
}

/** What the calls of a session that is over are answered with. */
export function over(): RpcError {
  return new RpcError(INVALID_REQUEST, 'the session is over')
}

/** "A terminated session MUST be answered with 404", and nobody learns whose it was. */
export function unknownSession(): HttpFault {
  return new HttpFault(
    404,
    SESSION_NOT_FOUND,
    'there is no such session (any more): send initialize without Mcp-Session-Id',
  )
}

/** What clients know a lost session by. */
const SESSION_NOT_FOUND = -32001

function sessionId(): string {
  return crypto.randomUUID() + crypto.randomUUID().slice(0, 8)
}
