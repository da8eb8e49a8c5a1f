import {
  complete,
  type Exchange,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
  META,
  RpcError,
  shown,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '@bao-mcp/protocol/engine'
import { type RequestFacts, type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { dispatch, isKnownMethod, type ServedRequest, unknownMethod } from '../../dispatch.ts'
import type { Encode } from '../../encode.ts'
import type { MemoryKeeper } from '../../rounds/memory.ts'
import { capabilitiesIn } from '../../server.ts'
import type { Serving } from '../../serving.ts'
import { chain } from '../../then.ts'
import { wayOf } from '../../way.ts'
import { createSubscriptions } from './listen.ts'

/** Requests that stand alone. The only thing it keeps is which subscriptions are open, for as long as they are. */
export interface Stateless {
  request(request: JsonRpcRequest, exchange: Exchange): MaybePromise<JsonObject>
  /** Answers a request whose facts are known already. */
  serve(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject>
  /** Whether a request, as it came, may be answered with this error by whoever stands around the features. */
  admits(request: JsonRpcRequest, error: RpcError): boolean
  /** Ends every open subscription gracefully. */
  endSubscriptions(): void
}

const VERSIONS: readonly string[] = statelessRevisions.map((revision) => revision.version)

export interface StatelessOptions {
  /** Tells a client on a pipe that one of its subscriptions is over. */
  notify(method: string, params: JsonObject): void
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic */
export function createStateless(serving: Serving, encode: Encode, { notify }: StatelessOptions): Stateless {
  const { server } = serving
  const subscriptions = createSubscriptions(serving, encode, notify)

  function discover(facts: RequestFacts): JsonObject {
    const { instructions } = server
    // copies, because a middleware may change what it sees
    const value = {
      supportedVersions: [...VERSIONS],
      capabilities: structuredClone(capabilitiesIn(server, facts.revision)),
      ...(instructions !== undefined && { instructions }),
    }
    return encode('server/discover', complete(value), facts.revision)
  }

  function keeperFor({ method, params, auth }: ServedRequest): MemoryKeeper {
    return server.sealer.keeperFor({ principal: auth?.principal, method, params })
  }

  function serve(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject> {
    const { method, params } = request
    const { revision } = facts
    if (!isKnownMethod(server, method, revision)) throw unknownMethod(method, revision.version)
    if (method === 'server/discover') return discover(facts)
    if (method === 'subscriptions/listen') return subscriptions.listen(request, exchange, facts)
    const round = revision.round(params)
    const outcome = dispatch({
      method,
      params,
      facts,
      exchange,
      auth: wayOf(exchange)?.auth,
      round,
      serving,
      keeperFor,
    })
    return chain(outcome, (ended) => encode(method, ended, revision))
  }

  return {
    request: (request, exchange) =>
      serve(request, exchange, revisionOf(request.params).lift(request.params, undefined)),
    serve,
    admits,
    endSubscriptions: () => subscriptions.end(),
  }
}

/** A request of a version that is not spoken is told so, and otherwise nothing that the newest would not be told. */
function admits({ params }: JsonRpcRequest, error: RpcError): boolean {
  const requested = requestedIn(params)
  const revision = statelessRevisions.find((one) => one.version === requested)
  if (revision !== undefined) return revision.admitsError(error)
  return error.code === UNSUPPORTED_PROTOCOL_VERSION || statelessRevisions[0]?.admitsError(error) !== false
}

function requestedIn(params: JsonObject | undefined): unknown {
  const meta = params?._meta
  return isJsonObject(meta) ? meta[META.protocolVersion] : undefined
}

/** @throws {RpcError} -32022 naming what is supported; -32602 when the version is no version at all */
export function revisionOf(params: JsonObject | undefined): Revision {
  const requested = requestedIn(params)
  if (typeof requested !== 'string') {
    throw new RpcError(INVALID_PARAMS, `params._meta["${META.protocolVersion}"] must be a version string`)
  }
  return revisionNamed(requested)
}

/** @throws {RpcError} -32022 naming what is supported */
export function revisionNamed(requested: string): Revision {
  const revision = statelessRevisions.find((one) => one.version === requested)
  if (revision !== undefined) return revision
  throw new RpcError(UNSUPPORTED_PROTOCOL_VERSION, `protocol version ${shown(requested)} is not supported`, {
    supported: VERSIONS,
    requested,
  })
}
