import {
  CANCELLED,
  classify,
  INVALID_REQUEST,
  isJsonObject,
  isRequestId,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type RequestId,
  type RpcError,
} from '@bao-mcp/protocol/engine'
import type { Encode } from '../../encode.ts'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { accepted } from '../../http/respond.ts'
import { isHandshakeVersion } from '../select.ts'
import { createEventLog, readEventId } from './event-log.ts'
import { createSessionNode, type NodeMessage } from './node.ts'
import { PostWay, type PostWayOptions } from './post-way.ts'
import { gone, type ResumedStream, resumeStream } from './resume.ts'
import { recordName } from './session-memory.ts'
import { createSessions, type KnownSession, over } from './sessions.ts'
import { openStandalone, STANDALONE } from './standalone.ts'

/** Conversations over HTTP: sessions that open with a handshake. */
export interface LegacyHttp {
  post(
    message: unknown,
    kind: 'request' | 'notification' | 'result' | 'error' | 'batch',
    incoming: Incoming,
  ): Promise<Response>
  /** Opens a stream, or goes on with one. */
  listen(incoming: Incoming, lastEventId: string | null): Promise<Response>
  /** Ends a session. */
  end(incoming: Incoming): Promise<Response>
  /** Calls that are being answered. */
  readonly inFlight: number
  /** From now on nothing new is taken; streams without calls end. */
  refuse(error: RpcError): void
  /** Answers everything that runs with this error. */
  failInFlight(error: RpcError): void
  /** Lets go of everything this node holds. Sessions go on elsewhere, where the hub is shared. */
  close(): Promise<void>
}

export interface LegacyHttpOptions {
  readonly core: HttpCore
  readonly encode: Encode
  readonly challenge: PostWayOptions['challenge']
  /** Told whenever a POST is answered. */
  onIdle(): void
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http */
export function createLegacyHttp({ core, encode, challenge, onIdle }: LegacyHttpOptions): LegacyHttp {
  const { serving, limits, deadlines } = core
  const { log, server } = serving
  const { hub } = server
  const { ownerLostMs } = limits
  const node = createSessionNode({ hub, name: server.info.name, ownerLostMs, log, heard })
  const sessions = createSessions({ core, encode, node })
  let refusal: RpcError | undefined
  let streams = 0

  function heard(message: NodeMessage): void {
    const session = sessions.known(message.session)
    switch (message.kind) {
      case 'answer':
        return session?.session().receive(message.message, 0, undefined)
      case 'cancel':
        return session?.session().receive(cancelled(message.params), 0, undefined)
      case 'ended':
        return sessions.end(message.session, over())
      case 'changed':
        return void (session !== undefined && refresh(session))
      case 'moved':
        session?.ways.get(message.stream)?.detach()
        return session?.streams.get(message.stream)?.detach()
      default:
        return message satisfies never
    }
  }

  async function refresh(session: KnownSession): Promise<void> {
    try {
      const fields = await hub.read(recordName(session.id))
      if (fields !== undefined) session.memory.refresh(fields)
    } catch (error) {
      log.error('what another node changed of a session could not be read', error)
    }
  }

  function openWay(session: KnownSession, incoming: Incoming, ids: readonly RequestId[], isNew: boolean): PostWay {
    const stream = `${node.id}-${(streams++).toString(36)}`
    const { memory } = session
    const way = new PostWay({
      core,
      incoming,
      ids,
      stream,
      challenge,
      revision: () => memory.facts?.revision,
      openLog: () =>
        createEventLog({
          hub,
          session: session.id,
          stream,
          ids,
          replayTtlMs: limits.replayTtlMs,
          maxReplayLength: limits.maxReplayLength,
          deadlines,
          onFailed: (error) => log.error('events of a stream cannot be kept; it cannot be resumed', error),
        }),
      // "the server may assign a session id at initialization", and only one that succeeded has a session
      headers: () => (isNew && memory.facts !== undefined ? { 'mcp-session-id': session.id } : undefined),
      onDone() {
        session.ways.delete(stream)
        if (isNew && memory.facts === undefined) sessions.discard(session)
        onIdle()
      },
    })
    session.ways.set(stream, way)
    return way
  }

  async function find({ sessionId, version, auth }: Incoming): Promise<KnownSession> {
    if (version !== null && !isHandshakeVersion(version)) {
      throw new HttpFault(
        400,
        INVALID_REQUEST,
        `MCP-Protocol-Version ${JSON.stringify(version.slice(0, 100))} is not spoken in sessions`,
      )
    }
    if (sessionId === null) {
      throw new HttpFault(
        400,
        INVALID_REQUEST,
        'the Mcp-Session-Id header is missing: send initialize first, and its session id with everything after it',
      )
    }
    return sessions.find(sessionId, auth?.principal)
  }

  async function open(message: JsonRpcRequest, incoming: Incoming): Promise<Response> {
    await node.join()
    const session = sessions.create(incoming.auth?.principal)
    const way = openWay(session, incoming, [message.id], true)
    session.session().receive(message, incoming.length, way)
    return way.response()
  }

  function ask(
    session: KnownSession,
    message: unknown,
    ids: readonly RequestId[],
    incoming: Incoming,
  ): Promise<Response> {
    const way = openWay(session, incoming, ids, false)
    session.session().receive(message, incoming.length, way)
    return way.response()
  }

  async function notice(session: KnownSession, message: JsonRpcNotification, length: number): Promise<Response> {
    session.session().receive(message, length, undefined)
    const { requestId, reason } = message.params ?? {}
    if (message.method === CANCELLED && isRequestId(requestId)) {
      // whichever node runs it
      const params = { requestId, ...(typeof reason === 'string' && { reason }) }
      await node.tellAll({ kind: 'cancel', session: session.id, params })
    }
    return accepted()
  }

  /** Hands an answer to the node that has asked. @throws {HttpFault} 400 when there is no such node any more */
  async function deliver(session: KnownSession, message: JsonRpcResponse, length: number): Promise<void> {
    const [asker] = typeof message.id === 'string' ? message.id.split(':') : []
    if (asker === undefined || asker === node.id || !/^[a-f\d]{16}$/.test(asker)) {
      return session.session().receive(message, length, undefined)
    }
    if (!(await node.isAlive(asker))) {
      throw new HttpFault(400, INVALID_REQUEST, 'the node that asked this is lost, and its call with it (ownerLostMs)')
    }
    await node.tell(asker, { kind: 'answer', session: session.id, message })
  }

  async function batch(session: KnownSession, values: unknown[], incoming: Incoming): Promise<Response> {
    if (session.memory.facts?.revision.batches !== true) {
      throw new HttpFault(400, INVALID_REQUEST, 'batches are not part of the protocol revision in use')
    }
    const kept: unknown[] = []
    for (const value of values) {
      const kind = classify(value)
      // proof: classify has just said so
      if (kind === 'result' || kind === 'error') await deliver(session, value as JsonRpcResponse, 0)
      else kept.push(value)
    }
    if (kept.length === 0 && values.length > 0) return accepted()
    return ask(session, kept, kept.flatMap(idOf), incoming)
  }

  /** Of two readers of one stream it is the older one that is let go. */
  async function takeOver(session: KnownSession, stream: string): Promise<void> {
    session.ways.get(stream)?.detach()
    session.streams.get(stream)?.detach()
    await node.tellAll({ kind: 'moved', session: session.id, stream, reader: node.id })
  }

  async function openStream(session: KnownSession, lastEventId: string | null): Promise<ResumedStream> {
    const { revision } = session.memory.facts ?? {}
    const resumes = lastEventId !== null && revision?.http.resumesStreams === true
    const name = resumes && !lastEventId.startsWith(`${STANDALONE}.`) ? readEventId(lastEventId)?.stream : STANDALONE
    const place = resumes ? readEventId(lastEventId) : undefined
    if (name === undefined) throw gone('Last-Event-ID is none of this server')
    await takeOver(session, name)
    let opened: ResumedStream | undefined
    let isOver = false
    const onOver = (): void => {
      isOver = true
      if (session.streams.get(name) === opened) session.streams.delete(name)
    }
    opened =
      place === undefined
        ? await openStandalone({
            core,
            memory: session.memory,
            after: resumes ? lastEventId.slice(STANDALONE.length + 1) : undefined,
            onOver,
          })
        : await resumeStream({ core, node, session: session.id, place, onOver })
    if (!isOver) session.streams.set(name, opened)
    return opened
  }

  return {
    get inFlight() {
      return sessions.inFlight
    },
    async post(message, kind, incoming) {
      if (refusal !== undefined) throw refusal
      // proof of the casts: whoever calls has classified the message
      if (kind === 'request' && (message as JsonRpcRequest).method === 'initialize' && incoming.sessionId === null) {
        return open(message as JsonRpcRequest, incoming)
      }
      const session = await find(incoming)
      switch (kind) {
        case 'request':
          return ask(session, message, [(message as JsonRpcRequest).id], incoming)
        case 'notification':
          return notice(session, message as JsonRpcNotification, incoming.length)
        case 'result':
        case 'error':
          await deliver(session, message as JsonRpcResponse, incoming.length)
          return accepted()
        case 'batch':
          return batch(session, message as unknown[], incoming)
        default:
          return kind satisfies never
      }
    },
    async listen(incoming, lastEventId) {
      if (refusal !== undefined) throw refusal
      if (!incoming.accepts.events) throw new HttpFault(406, INVALID_REQUEST, 'Accept must name text/event-stream')
      if (incoming.sessionId === null) throw noSession()
      const session = await find(incoming)
      return (await openStream(session, lastEventId)).response
    },
    async end(incoming) {
      if (incoming.sessionId === null) throw noSession()
      const session = await find(incoming)
      await hub.remove(recordName(session.id))
      sessions.end(session.id, over())
      await node.tellAll({ kind: 'ended', session: session.id })
      return new Response(null, { status: 204 })
    },
    refuse(error) {
      refusal = error
      for (const { streams: open } of sessions.all()) for (const stream of open.values()) stream.detach()
    },
    failInFlight(error) {
      for (const session of sessions.all()) if (session.ways.size > 0) session.session().peer.failInFlight(error)
    },
    async close() {
      for (const { id } of [...sessions.all()]) sessions.end(id, over())
      try {
        await node.leave()
      } catch (error) {
        log.error('this node could not take its leave of the others', error)
      }
    },
  }
}

/** Without a session, this is no method of the endpoint: clients that stand alone only POST. */
function noSession(): HttpFault {
  return new HttpFault(
    405,
    INVALID_REQUEST,
    'only a session is listened to or ended: the Mcp-Session-Id header is missing',
    {
      headers: { allow: 'POST' },
    },
  )
}

function cancelled(params: { requestId: RequestId; reason?: string }): JsonRpcNotification {
  return { jsonrpc: '2.0', method: CANCELLED, params }
}

function idOf(value: unknown): RequestId[] {
  return isJsonObject(value) && 'method' in value && isRequestId(value.id) ? [value.id] : []
}
