import { INVALID_PARAMS, type JsonObject, type MaybePromise, RpcError } from '@bao-mcp/protocol/engine'
import type { Serving } from '../../serving.ts'
import { chain } from '../../then.ts'
import { mustFit } from '../subscribed-uris.ts'
import type { ConversationMemory } from './memory.ts'

/**
 * Answers `resources/subscribe`.
 * @throws {RpcError} -32602 for malformed params, -31999 when there are too many
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions
 */
export function subscribe(
  memory: ConversationMemory,
  params: JsonObject | undefined,
  limits: Pick<Serving, 'maxSubscribedUris' | 'maxSubscribedLength'>,
): MaybePromise<JsonObject> {
  const uri = uriOf(params)
  if (!memory.uris.has(uri)) mustFit(new Set([...memory.uris, uri]), limits)
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
