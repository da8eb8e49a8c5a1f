import {
  CANCELLED,
  complete,
  type Exchange,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
  META,
  RpcError,
  SERVER_BUSY,
  TOOLS_CHANGED,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import { type RequestFacts, type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { dispatch, type ServedRequest, unknownMethod } from '../dispatch.ts'
import type { Encode } from '../encode.ts'
import type { MemoryKeeper } from '../rounds/memory.ts'
import type { Serving } from '../serving.ts'
import { chain } from '../then.ts'

/** Requests that stand alone. The only thing it keeps is which subscriptions are open, for as long as they are. */
export interface Stateless {
  request(request: JsonRpcRequest, exchange: Exchange): MaybePromise<JsonObject>
  /** Ends every open subscription gracefully. */
  endSubscriptions(): void
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const VERSIONS: readonly string[] = statelessRevisions.map((revision) => revision.version)

export interface StatelessOptions {
  /** Tells a client on a pipe that one of its subscriptions is over. */
  notify(method: string, params: JsonObject): void
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic */
export function createStateless(serving: Serving, encode: Encode, { notify }: StatelessOptions): Stateless {
  const { server } = serving
  const subscriptions = new Set<() => void>()

  function discover(facts: RequestFacts): JsonObject {
    const { capabilities, instructions } = server
    // copies, because a middleware may change what it sees
    const value = {
      supportedVersions: [...VERSIONS],
      capabilities: structuredClone(capabilities),
      ...(instructions !== undefined && { instructions }),
    }
    return encode('server/discover', complete(value), facts.revision)
  }

  function listen(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject> {
    const filter = request.params?.notifications
    if (!isJsonObject(filter)) throw new RpcError(INVALID_PARAMS, 'params.notifications must be an object')
    if (subscriptions.size >= serving.maxSubscriptions) {
      throw new RpcError(
        SERVER_BUSY,
        `${subscriptions.size} subscriptions are open, which is the limit (maxSubscriptions)`,
      )
    }
    const meta = { [META.subscriptionId]: request.id }
    const honoured = filter.toolsListChanged === true ? { toolsListChanged: true } : {}
    void exchange.notify(ACKNOWLEDGED, { notifications: honoured, _meta: meta })
    const over = encode(request.method, complete({ _meta: meta }), facts.revision)
    // nothing that could be sent was asked for, or nobody is there any more, so there is nothing to wait for
    if (Object.keys(honoured).length === 0 || exchange.cancelled) return over

    return new Promise((resolve) => {
      const stop = server.changes.subscribe((kind) => {
        if (kind === 'tools') void exchange.notify(TOOLS_CHANGED, { _meta: meta })
      })
      const close = (): void => {
        subscriptions.delete(end)
        stop()
        resolve(over)
      }
      const end = (): void => {
        close()
        // the result comes first, then the notification that tears the subscription down
        queueMicrotask(() => notify(CANCELLED, { requestId: request.id, reason: 'the server is shutting down' }))
      }
      subscriptions.add(end)
      exchange.signal.addEventListener('abort', close, { once: true })
    })
  }

  function keeperFor({ method, params }: ServedRequest): MemoryKeeper {
    return server.sealer.keeperFor({ principal: undefined, method, params })
  }

  return {
    request(request, exchange) {
      const { method, params } = request
      const revision = revisionOf(params)
      const facts = revision.lift(params, undefined)
      if (!revision.requests.has(method)) throw unknownMethod(method, revision.version)
      if (method === 'server/discover') return discover(facts)
      if (method === 'subscriptions/listen') return listen(request, exchange, facts)
      const round = revision.round(params)
      const outcome = dispatch({ method, params, facts, exchange, round, serving, keeperFor })
      return chain(outcome, (ended) => encode(method, ended, revision))
    },
    endSubscriptions() {
      for (const end of [...subscriptions]) end()
    },
  }
}

/** @throws {RpcError} -32022 naming what is supported; -32602 when the version is no version at all */
function revisionOf(params: JsonObject | undefined): Revision {
  const meta = params?._meta
  const requested = isJsonObject(meta) ? meta[META.protocolVersion] : undefined
  if (typeof requested !== 'string') {
    throw new RpcError(INVALID_PARAMS, `params._meta["${META.protocolVersion}"] must be a version string`)
  }
  const revision = statelessRevisions.find((one) => one.version === requested)
  if (revision !== undefined) return revision
  throw new RpcError(UNSUPPORTED_PROTOCOL_VERSION, `protocol version ${JSON.stringify(requested)} is not supported`, {
    supported: VERSIONS,
    requested,
  })
}
