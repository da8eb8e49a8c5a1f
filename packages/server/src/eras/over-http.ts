import {
  INVALID_PARAMS,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type MaybePromise,
  META,
  type RequestId,
  type RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import { type Era, PROTOCOL_VERSIONS } from '@bao-mcp/protocol/revisions'
import type { Encode } from '../encode.ts'
import { HttpFault } from '../http/fault.ts'
import type { HttpCore, Incoming } from '../http/incoming.ts'
import { accepted } from '../http/respond.ts'
import { createLegacyHttp } from './legacy/http.ts'
import { createModernHttp } from './modern/http.ts'
import { selectEra } from './select.ts'

/** Both eras on one URL. */
export interface ErasOverHttp {
  request(message: JsonRpcRequest, incoming: Incoming): MaybePromise<Response>
  notification(message: JsonRpcNotification, incoming: Incoming): MaybePromise<Response>
  /** Answers, and arrays of messages: only a session has either. */
  conversation(message: unknown, kind: 'result' | 'error' | 'batch', incoming: Incoming): MaybePromise<Response>
  listen(incoming: Incoming, lastEventId: string | null): Promise<Response>
  end(incoming: Incoming): Promise<Response>
  /** Calls that are being answered. */
  readonly inFlight: number
  /** Ends what only waits, and from now on answers everything with this error. */
  refuse(error: RpcError): void
  /** Answers everything that runs with this error. */
  failInFlight(error: RpcError): void
  close(): Promise<void>
}

export interface ErasOverHttpOptions {
  readonly core: HttpCore
  readonly encode: Encode
  /** Headers that go with an error, by what it says. */
  challenge(error: RpcError, incoming: Incoming): Readonly<Record<string, string>> | undefined
  /** Told whenever something has been answered and nothing may run any more. */
  onIdle(): void
}

export function createErasOverHttp(options: ErasOverHttpOptions): ErasOverHttp {
  const modern = createModernHttp(options)
  const legacy = createLegacyHttp(options)

  return {
    request(message, incoming) {
      switch (eraOf(message, incoming)) {
        case 'modern':
          return modern.answer(message, incoming)
        case 'legacy':
          return legacy.post(message, 'request', incoming)
        case undefined:
          throw undecided(message.method, message.id)
      }
    },
    notification(message, incoming) {
      switch (eraOf(message, incoming)) {
        case 'modern':
          // a client that stands alone has no notification that does anything
          return accepted()
        case 'legacy':
          return legacy.post(message, 'notification', incoming)
        case undefined:
          throw undecided(message.method, undefined)
      }
    },
    conversation: (message, kind, incoming) => legacy.post(message, kind, incoming),
    listen: (incoming, lastEventId) => legacy.listen(incoming, lastEventId),
    end: (incoming) => legacy.end(incoming),
    get inFlight() {
      return modern.inFlight + legacy.inFlight
    },
    refuse(error) {
      modern.refuse(error)
      legacy.refuse(error)
    },
    failInFlight(error) {
      modern.failInFlight(error)
      legacy.failInFlight(error)
    },
    close: () => legacy.close(),
  }
}

function eraOf(message: { method: string; params?: JsonObject }, { sessionId, version }: Incoming): Era | undefined {
  return selectEra(message, { opened: sessionId !== null, version })
}

function undecided(method: string, id: RequestId | undefined): HttpFault {
  const message = `${shown(method)} tells no protocol version: add params._meta["${META.protocolVersion}"] and the header MCP-Protocol-Version, or send initialize first`
  return new HttpFault(400, INVALID_PARAMS, message, { id, data: { supported: PROTOCOL_VERSIONS } })
}
