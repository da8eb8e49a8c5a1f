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
  RpcError,
} from '@bao-mcp/protocol/engine'
import { refusedCode } from './dispatch-errors.ts'
import { isThenable } from './then.ts'

/** The rest of the way: the next middleware, or the handler. */
export type Next = (request: JsonRpcRequest) => MaybePromise<JsonObject>

/**
 * Sees every request as it came and every result as it leaves, in both eras. It may answer itself, change either, or throw
 * an RpcError; one with a code that the revision keeps for something else is told as an internal error.
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

/**
 * Puts middleware around the innermost answer, and makes sure that what comes out of it is a result, or an error that may
 * be told.
 *
 * @param admits whether a request, as it came, may be answered with an error
 */
export function compose(
  middleware: readonly Middleware[],
  answer: (request: JsonRpcRequest, exchange: Exchange) => MaybePromise<JsonObject>,
  admits: (request: JsonRpcRequest, error: RpcError) => boolean,
): (request: JsonRpcRequest, exchange: Exchange) => MaybePromise<JsonObject> {
  if (middleware.length === 0) return answer
  const outermost = middleware.reduceRight(
    (inner, one) => (request, exchange) => one(request, (changed) => inner(changed, exchange), exchange),
    answer,
  )
  return (request, exchange) => {
    const fail = (thrown: unknown): never => {
      throw thrown instanceof RpcError && !admits(request, thrown) ? refusedCode(thrown) : thrown
    }
    let answered: MaybePromise<JsonObject>
    try {
      answered = outermost(request, exchange)
    } catch (thrown) {
      return fail(thrown)
    }
    if (!isThenable(answered)) return resultOf(request, answered)
    return Promise.resolve(answered).then((result) => resultOf(request, result), fail)
  }
}

function resultOf({ method }: JsonRpcRequest, result: JsonObject): JsonObject {
  if (isJsonObject(result)) return result
  throw new TypeError(`a middleware answered ${method} with no result object; did it forget to return one?`)
}
