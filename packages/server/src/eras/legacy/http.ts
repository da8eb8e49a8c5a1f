import {
  HUB_LOST,
  INVALID_REQUEST,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type RequestId,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import type { Encode } from '../../encode.ts'
import { HttpFault, statusOfRefusal } from '../../http/fault.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { accepted } from '../../http/respond.ts'
import { isHandshakeVersion, isStatelessVersion } from '../select.ts'
import { createEventLog } from './event-log.ts'
import { cancelNotice, createMail, idOf } from './mail.ts'
import { createSessionNode, type NodeMessage } from './node.ts'
import { PostWay, type PostWayOptions } from './post-way.ts'
import { recordName } from './session-memory.ts'
import { createSessions, type KnownSession, over } from './sessions.ts'
import { createStreams } from './streams.ts'

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
  /** From now on nothing new is taken; streams without calls of this node end. */
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
  const { serving, limits, deadlines, clock } = core
  const { log, server } = serving
  const { hub } = server
  const { ownerLostMs } = limits
  const node = createSessionNode({ hub, name: server.info.name, ownerLostMs, log, clock, heard, missed })
  const sessions = createSessions({ core, encode, node })
  const mail = createMail(node)
  const streams = createStreams({ core, node, onOver: (session, name) => settle(session, name) })
  /** Streams of calls that have not been told to their ends, be it on the POST or on what its client came back to. */
  const unsettled = new Set<string>()
  let refusal: RpcError | undefined
  let posts = 0
  let isHubLost = false

  function heard(message: NodeMessage): void {
    const session = sessions.known(message.session)
    switch (message.kind) {
      case 'answer':
        return session?.running?.receive(message.message, 0, undefined)
      case 'cancel':
        return session?.running?.receive(cancelNotice(message.params), 0, undefined)
      case 'ended':
        return sessions.end(message.session, over())
      case 'changed':
        // at once: the resource may change next
        return session?.memory.heard(message.uri, message.isWanted)
      case 'moved':
        session?.ways.get(message.stream)?.detach()
        return session?.streams.get(message.stream)?.detach()
      default:
        return message satisfies never
    }
  }

  /** What was said meanwhile shows in the records, as far as anybody here waits for it. */
  function missed(): void {
    for (const session of sessions.all()) if (!session.isIdle) void refresh(session)
  }

  /** Never rejects: a failure is logged. */
  async function refresh(session: KnownSession): Promise<void> {
    try {
      const fields = await hub.read(recordName(session.id))
      if (fields !== undefined) session.memory.refresh(fields)
      // that of a session whose handshake has just begun is still to be written
      else if (session.memory.facts !== undefined) sessions.end(session.id, over())
    } catch (error) {
      log.error('what other nodes made of a session could not be read', error)
    }
  }

  function settle(session: KnownSession, stream: string): void {
    if (session.ways.has(stream) || session.streams.has(stream) || !unsettled.delete(stream)) return
    onIdle()
  }

  function openWay(session: KnownSession, incoming: Incoming, ids: readonly RequestId[], opens: boolean): PostWay {
    const stream = `${node.id}-${(posts++).toString(36)}`
    const { memory } = session
    const way = new PostWay({
      core,
      incoming,
      ids,
      stream,
      opens,
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
      headers: () => (opens && memory.facts !== undefined ? { 'mcp-session-id': session.id } : undefined),
      onDone() {
        session.ways.delete(stream)
        if (opens && (way.failed || memory.facts === undefined)) discard(session)
        settle(session, stream)
      },
    })
    session.ways.set(stream, way)
    unsettled.add(stream)
    return way
  }

  /** Forgets a session whose handshake has failed, even if that was after it had been kept. */
  function discard({ id }: KnownSession): void {
    sessions.end(id, over())
    hub.remove(recordName(id)).catch((error: unknown) => log.error('a failed session will be kept for a while', error))
  }

  async function find({ sessionId, version, auth }: Incoming): Promise<KnownSession> {
    if (version !== null && !isHandshakeVersion(version)) {
      throw new HttpFault(400, INVALID_REQUEST, `MCP-Protocol-Version ${shown(version)} is not spoken in sessions`)
    }
    if (sessionId === null) {
      throw new HttpFault(
        400,
        INVALID_REQUEST,
        'the Mcp-Session-Id header is missing: send initialize first, and its session id with everything after it',
      )
    }
    const session = await sessions.find(sessionId, auth?.principal)
    isHubLost = false
    if (refusal !== undefined) throw refusal
    return session
  }

  async function open(message: JsonRpcRequest, incoming: Incoming): Promise<Response> {
    await node.join()
    await sessions.makeRoom()
    if (refusal !== undefined) throw refusal
    const session = sessions.create(incoming.auth?.principal)
    return hand(session, message, openWay(session, incoming, [message.id], true), incoming)
  }

  function ask(
    session: KnownSession,
    message: unknown,
    ids: readonly RequestId[],
    incoming: Incoming,
  ): Promise<Response> {
    // a session may have ended while it was being looked for, and then there is nothing to open a way in
    session.session()
    return hand(session, message, openWay(session, incoming, ids, false), incoming)
  }

  function hand(session: KnownSession, message: unknown, way: PostWay, { length }: Incoming): Promise<Response> {
    session.session().receive(message, length, way)
    return way.response()
  }

  async function taken(message: unknown, kind: Parameters<LegacyHttp['post']>[1], incoming: Incoming) {
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
        await mail.notice(session, message as JsonRpcNotification, incoming.length)
        return accepted()
      case 'result':
      case 'error':
        await mail.answer(session, message as JsonRpcResponse, incoming.length)
        return accepted()
      case 'batch': {
        const requests = await mail.batch(session, message as unknown[])
        return requests.length === 0 ? accepted() : ask(session, requests, requests.flatMap(idOf), incoming)
      }
      default:
        return kind satisfies never
    }
  }

  /** Says in the log, once until it is over, that the hub is lost; clients are told so each time. */
  function noted(error: unknown): unknown {
    if (error instanceof RpcError && error.code === HUB_LOST && !isHubLost) {
      isHubLost = true
      log.error('sessions cannot be served while the hub is lost', error)
    }
    return error
  }

  async function endSession(incoming: Incoming): Promise<Response> {
    const { id } = await find(incoming)
    await hub.remove(recordName(id))
    sessions.end(id, over())
    await node.tellAll({ kind: 'ended', session: id })
    return new Response(null, { status: 204 })
  }

  return {
    get inFlight() {
      return unsettled.size
    },
    async post(message, kind, incoming) {
      try {
        return await taken(message, kind, incoming)
      } catch (error) {
        // proof: whoever calls has classified the message
        throw kind === 'request' ? answering((message as JsonRpcRequest).id, noted(error)) : noted(error)
      }
    },
    async listen(incoming, lastEventId) {
      if (refusal !== undefined) throw refusal
      if (!incoming.accepts.events) throw new HttpFault(406, INVALID_REQUEST, 'Accept must name text/event-stream')
      mustNameSession(incoming)
      try {
        return await streams.open(await find(incoming), lastEventId, incoming.auth)
      } catch (error) {
        throw noted(error)
      }
    },
    async end(incoming) {
      mustNameSession(incoming)
      try {
        return await endSession(incoming)
      } catch (error) {
        throw noted(error)
      }
    },
    refuse(error) {
      refusal = error
      for (const { streams: open } of sessions.all()) {
        for (const [name, stream] of open) if (!unsettled.has(name)) stream.detach()
      }
    },
    failInFlight(error) {
      for (const session of sessions.all()) session.running?.peer.failInFlight(error)
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

/** Without a session, this is no method of the endpoint: clients that stand alone only POST, whatever id they send. */
function mustNameSession({ sessionId, version }: Incoming): void {
  const standsAlone = version !== null && isStatelessVersion(version)
  if (sessionId !== null && !standsAlone) return
  const why = standsAlone ? `in ${version} there are none` : 'the Mcp-Session-Id header is missing'
  const message = `only a session is listened to or ended: ${why}`
  throw new HttpFault(405, INVALID_REQUEST, message, { headers: { allow: 'POST' } })
}

/** "Responses MUST include the same ID as the request", also those that HTTP itself refuses. */
function answering(id: RequestId, thrown: unknown): unknown {
  if (!(thrown instanceof RpcError)) return thrown
  const { code, message, data } = thrown
  const headers = thrown instanceof HttpFault ? thrown.headers : undefined
  const status = statusOfRefusal(thrown)
  return new HttpFault(status, code, message, { id, data, cause: thrown, ...(headers !== undefined && { headers }) })
}
