import { INVALID_PARAMS, type JsonObject, type MaybePromise, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { chain } from '../../then.ts'
import type { ConversationMemory } from './memory.ts'

/**
 * Answers `resources/subscribe`.
 * @throws {RpcError} -32602 for malformed params, -31999 when there are too many
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions
 */
export function subscribe(
  memory: ConversationMemory,
  params: JsonObject | undefined,
  maxSubscribedUris: number,
): MaybePromise<JsonObject> {
  const uri = uriOf(params)
  const { size } = memory.uris
  if (size >= maxSubscribedUris && !memory.uris.has(uri)) {
    throw new RpcError(SERVER_BUSY, `${size} resources are subscribed to, which is the limit (maxSubscribedUris)`)
  }
  return chain(memory.subscribe(uri), () => ({}))
}

/** Answers `resources/unsubscribe`. @throws {RpcError} -32602 for malformed params */
export function unsubscribe(memory: ConversationMemory, params: JsonObject | undefined): MaybePromise<JsonObject> {
  return chain(memory.unsubscribe(uriOf(params)), () => ({}))
}

function uriOf(params: JsonObject | undefined): string {
  const uri = params?.uri
  if (typeof uri === 'string') return uri
  throw new RpcError(INVALID_PARAMS, 'params.uri must be the URI of a resource')
}
