import {
  type Channel,
  type CloseReason,
  createPeer,
  type Exchange,
  INVALID_PARAMS,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
  META,
  mcpConventions,
  type Peer,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import { PROTOCOL_VERSIONS } from '@bao-mcp/protocol/revisions'
import { createEncode } from './encode.ts'
import { createAnnouncer } from './eras/legacy/announce.ts'
import { createConversation } from './eras/legacy/conversation.ts'
import { pipeMemory } from './eras/legacy/memory.ts'
import { createStateless } from './eras/modern/stateless.ts'
import { selectEra } from './eras/select.ts'
import { compose } from './middleware.ts'
import type { Server } from './server.ts'
import { createServing, type ServeOptions } from './serving.ts'

/** A server on one pipe. */
export interface ServerConnection {
  /** Calls that are being answered. */
  readonly inFlight: number
  /** Resolves when nothing is being answered. */
  idle(): Promise<void>
  /** Ends subscriptions, and from now on answers every request with this error. */
  refuse(error: RpcError): void
  /** Answers every call that is running with this error. */
  failInFlight(error: RpcError): void
  /** Waits for what extensions go on with after their calls were answered, and ends the rest after `graceMs`; never rejects. */
  drainExtensions(graceMs: number): Promise<void>
  /** Resolves when the pipe is over; never rejects. */
  readonly closed: Promise<CloseReason>
  close(): Promise<void>
}

/** Serves a definition over one channel, which it then owns. Both eras are spoken, message by message. */
export function serveChannel(server: Server, channel: Channel, options: ServeOptions = {}): ServerConnection {
  const serving = createServing(server, options)
  const encode = createEncode({ info: server.info }, server.middleware.length === 0)
  const memory = pipeMemory()
  const conversation = createConversation({
    serving,
    encode,
    memory,
    client: { request: (method, params, callOptions) => peer.request(method, params, callOptions) },
    announcer: createAnnouncer(server, memory, notify),
  })
  const stateless = createStateless(serving, encode, { notify })
  const eras = { legacy: conversation, modern: stateless }

  function notify(method: string, params?: JsonObject): void {
    // a client that has gone meanwhile needs no notice
    peer.notify(method, params).catch(() => undefined)
  }

  function answer(request: JsonRpcRequest, exchange: Exchange): MaybePromise<JsonObject> {
    const era = selectEra(request, conversation)
    if (era === undefined) throw undecided(request.method)
    return eras[era].request(request, exchange)
  }

  function admits(request: JsonRpcRequest, error: RpcError): boolean {
    // who tells no version learns what there is from the newest era
    return eras[selectEra(request, conversation) ?? 'modern'].admits(request, error)
  }

  const peer: Peer = createPeer(
    channel,
    { request: compose(server.middleware, answer, admits), notice: (notice) => conversation.notice(notice) },
    {
      conventions: mcpConventions,
      answersRubbish: true,
      acceptsBatches: () => conversation.revision?.batches === true,
      onStray: ({ message, excerpt }) => {
        serving.log.warning(excerpt === undefined ? message : `${message}: ${JSON.stringify(excerpt)}`)
      },
      onInternalError: (error, method) => serving.log.error(`${method} failed`, error.cause ?? error),
      clock: serving.clock,
    },
  )
  void peer.closed.then(() => conversation.end())

  return {
    get inFlight() {
      return peer.inFlight
    },
    idle: () => peer.idle(),
    refuse(error) {
      stateless.endSubscriptions()
      peer.refuse(error)
    },
    failInFlight: (error) => peer.failInFlight(error),
    drainExtensions: (graceMs) => server.extensions.drain(serving, graceMs),
    closed: peer.closed,
    close: () => channel.close(),
  }
}

/** "A request without the required metadata is malformed", and a client with a handshake in mind learns what to do, too. */
function undecided(method: string): RpcError {
  const message = `${shown(method)} tells no protocol version: add params._meta["${META.protocolVersion}"], or send initialize first`
  return new RpcError(INVALID_PARAMS, message, { supported: PROTOCOL_VERSIONS })
}
