import {
  type Channel,
  type CloseReason,
  createPeer,
  type Deadlines,
  type JsonRpcMessage,
  mcpConventions,
  type Peer,
  type Receiver,
  type Way,
} from '@bao-mcp/protocol/engine'
import type { Encode } from '../../encode.ts'
import { compose } from '../../middleware.ts'
import type { Serving } from '../../serving.ts'
import { createConversation } from './conversation.ts'
import type { PostWay } from './post-way.ts'
import type { SessionMemory } from './session-memory.ts'

/** One session on this node: a conversation over the POSTs that came here. */
export interface Session {
  readonly memory: SessionMemory
  readonly peer: Peer
  /** Hands over one message. @param way back for the answers, where it has any */
  receive(value: unknown, length: number, way: PostWay | undefined): void
  /** Nothing follows here; what runs has been answered before. */
  close(): void
}

export interface SessionOptions {
  readonly serving: Serving
  readonly encode: Encode
  readonly memory: SessionMemory
  /** Tells what this node asks from what others ask over the same session. */
  readonly idPrefix: string
  /** Of all sessions of this node: a table for each would be most of what an idle one costs. */
  readonly deadlines: Deadlines
}

export function createSession({ serving, encode, memory, idPrefix, deadlines }: SessionOptions): Session {
  let receiver: Receiver | undefined
  const channel = sessionChannel((to) => {
    receiver = to
  })
  const conversation = createConversation({
    serving,
    encode,
    memory,
    client: { request: (method, params, options) => peer.request(method, params, options) },
    // changes travel on the stream of their own that a client opens
    announcer: undefined,
  })
  const answer = compose(
    serving.server.middleware,
    (request, exchange) => conversation.request(request, exchange),
    conversation.admits,
  )
  const peer: Peer = createPeer(
    channel,
    { request: answer, notice: (notice) => conversation.notice(notice) },
    {
      conventions: mcpConventions,
      answersRubbish: true,
      idPrefix,
      acceptsBatches: () => conversation.revision?.batches === true,
      onStray: ({ message }) => serving.log.debug(message),
      onInternalError: (error, method) => serving.log.error(`${method} failed`, error.cause ?? error),
      deadlines,
    },
  )

  return {
    memory,
    peer,
    receive: (value, length, way) => receiver?.message(value, length, way),
    close() {
      const reason: CloseReason = { kind: 'local', message: 'the session is over' }
      receiver?.end(reason)
      receiver = undefined
    },
  }
}

/** A channel whose every message goes the way of the POST it belongs to. */
function sessionChannel(onOpen: (receiver: Receiver) => void): Channel {
  return {
    open: onOpen,
    send: (message: JsonRpcMessage | JsonRpcMessage[], way?: Way) => postWay(way)?.send(message),
    unanswered: (way) => postWay(way)?.unanswered(),
    async close() {
      // the session is over when its owner says so
    },
    async [Symbol.asyncDispose]() {
      // likewise
    },
  }
}

function postWay(way: Way | undefined): PostWay | undefined {
  // proof: every message is handed over with a way of this kind, or with none
  return way as PostWay | undefined
}
