import {
  type Channel,
  createPeer,
  METHOD_NOT_FOUND,
  mcpConventions,
  type Notice,
  type Peer,
  type PeerOptions,
  type Responder,
  RpcError,
} from '@bao-mcp/protocol/engine'

/** Who speaks for this side of a pipe. */
export interface Voice extends Responder {
  /** Whether arrays of messages are accepted. */
  readonly batches: boolean
  /** False where this side may not send a single answer, so that none ever leaves. */
  readonly answers: boolean
}

/** One open connection and the engine on it, before and after its era is known. */
export interface Pipe {
  readonly peer: Peer
  /** From now on this voice answers and listens. */
  give(voice: Voice): void
}

/** Starts the engine on a channel, which it then owns; until an era takes the pipe over only pings are answered. */
export function createPipe(channel: Channel, hear: (notice: Notice) => void, options: PeerOptions): Pipe {
  let voice: Voice = {
    batches: false,
    answers: true,
    request({ method }) {
      if (method === 'ping') return {}
      throw new RpcError(METHOD_NOT_FOUND, `${method} came before the conversation was open`)
    },
    notice: hear,
  }
  const responder: Responder = {
    request: (request, exchange) => voice.request(request, exchange),
    notice: (notice) => voice.notice(notice),
  }
  const peer = createPeer(channel, responder, {
    ...options,
    conventions: mcpConventions,
    acceptsBatches: () => voice.batches,
    answers: () => voice.answers,
    pausesWhileAsked: true,
  })
  return {
    peer,
    give(next) {
      voice = next
    },
  }
}
