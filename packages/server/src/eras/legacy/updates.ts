import { INVALID_PARAMS, type JsonObject, RESOURCE_UPDATED, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import type { Serving } from '../../serving.ts'

/** The resources one conversation wants to hear of. */
export interface UpdateSubscriptions {
  /** Answers `resources/subscribe`. @throws {RpcError} -32602 for malformed params, -31999 when there are too many */
  subscribe(params: JsonObject | undefined): JsonObject
  /** Answers `resources/unsubscribe`. @throws {RpcError} -32602 for malformed params */
  unsubscribe(params: JsonObject | undefined): JsonObject
  end(): void
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions */
export function createUpdateSubscriptions(
  { server, maxSubscribedUris }: Serving,
  notify: (method: string, params: JsonObject) => void,
): UpdateSubscriptions {
  const uris = new Set<string>()
  let stop: (() => void) | undefined

  function uriOf(params: JsonObject | undefined): string {
    const uri = params?.uri
    if (typeof uri === 'string') return uri
    throw new RpcError(INVALID_PARAMS, 'params.uri must be the URI of a resource')
  }

  return {
    subscribe(params) {
      const uri = uriOf(params)
      if (uris.size >= maxSubscribedUris && !uris.has(uri)) {
        throw new RpcError(
          SERVER_BUSY,
          `${uris.size} resources are subscribed to, which is the limit (maxSubscribedUris)`,
        )
      }
      uris.add(uri)
      stop ??= server.updates.subscribe((updated) => {
        if (uris.has(updated)) notify(RESOURCE_UPDATED, { uri: updated })
      })
      return {}
    },
    unsubscribe(params) {
      uris.delete(uriOf(params))
      return {}
    },
    end() {
      uris.clear()
      stop?.()
    },
  }
}
