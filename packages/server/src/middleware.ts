import type {
  CallToolRequestParams,
  CallToolResult,
  CompleteRequestParams,
  CompleteResult,
  GetPromptRequestParams,
  GetPromptResult,
  ListPromptsResult,
  ListResourcesResult,
  ListResourceTemplatesResult,
  ListToolsResult,
  ReadResourceRequestParams,
  ReadResourceResult,
} from '@bao-mcp/protocol'
import {
  type Exchange,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
} from '@bao-mcp/protocol/engine'
import { chain } from './then.ts'

/** The rest of the way: the next middleware, or the handler. */
export type Next = (request: JsonRpcRequest) => MaybePromise<JsonObject>

/**
 * Sees every request as it came and every result as it leaves, in both eras. It may answer itself, change either, or throw
 * an RpcError.
 */
export type Middleware = (request: JsonRpcRequest, next: Next, exchange: Exchange) => MaybePromise<JsonObject>

/** Params and results of the methods a middleware can be typed for. */
export interface MethodTypes {
  'tools/list': { params: { cursor?: string } | undefined; result: ListToolsResult }
  'tools/call': { params: CallToolRequestParams; result: CallToolResult }
  'completion/complete': { params: CompleteRequestParams; result: CompleteResult }
  'prompts/list': { params: { cursor?: string } | undefined; result: ListPromptsResult }
  'prompts/get': { params: GetPromptRequestParams; result: GetPromptResult }
  'resources/list': { params: { cursor?: string } | undefined; result: ListResourcesResult }
  'resources/templates/list': { params: { cursor?: string } | undefined; result: ListResourceTemplatesResult }
  'resources/read': { params: ReadResourceRequestParams; result: ReadResourceResult }
}

/** A middleware for one method, with its types; every other method passes by. */
export function forMethod<M extends keyof MethodTypes>(
  method: M,
  handle: (
    request: JsonRpcRequest & { params: MethodTypes[M]['params'] },
    next: (request: JsonRpcRequest) => MaybePromise<MethodTypes[M]['result']>,
    exchange: Exchange,
  ) => MaybePromise<MethodTypes[M]['result']>,
): Middleware {
  // proof: the method is compared first, and its params and result are of that method
  const typed = handle as unknown as Middleware
  return (request, next, exchange) => (request.method === method ? typed(request, next, exchange) : next(request))
}

/** Puts middleware around the innermost answer, and makes sure that what comes out of it is a result. */
export function compose(
  middleware: readonly Middleware[],
  answer: (request: JsonRpcRequest, exchange: Exchange) => MaybePromise<JsonObject>,
): (request: JsonRpcRequest, exchange: Exchange) => MaybePromise<JsonObject> {
  if (middleware.length === 0) return answer
  const outermost = middleware.reduceRight(
    (inner, one) => (request, exchange) => one(request, (changed) => inner(changed, exchange), exchange),
    answer,
  )
  return (request, exchange) =>
    chain(outermost(request, exchange), (result) => {
      if (isJsonObject(result)) return result
      throw new TypeError(`a middleware answered ${request.method} with no result object; did it forget to return one?`)
    })
}
