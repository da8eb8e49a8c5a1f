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
import { isJsonObject, type JsonObject, type MaybePromise } from '@bao-mcp/protocol/engine'
import type { Session, SessionCallOptions } from './session.ts'

/** One request as a verb of the client sends it, before its era adds to it. */
export interface ClientRequest {
  readonly method: string
  readonly params?: JsonObject | undefined
}

/** Sends the request, or another one; with other options when they are given. */
export type Next = (request: ClientRequest, call?: SessionCallOptions) => Promise<JsonObject>

/**
 * Sees every request of the client's verbs as it leaves and its finished result as it came, in both eras: rounds of
 * questions and looks at a task are behind it. It may answer itself, change either, or throw. Results are checked after
 * it. Retries pass it again.
 * @param call the options of the request: its signal, time limits and headers
 */
export type ClientMiddleware = (
  request: ClientRequest,
  next: Next,
  call: SessionCallOptions,
) => MaybePromise<JsonObject>

/** Params and results of the methods a middleware can be typed for. What a server sent is not yet checked there. */
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
    request: { readonly method: M; readonly params: MethodTypes[M]['params'] },
    next: (
      request: { readonly method: string; readonly params: MethodTypes[M]['params'] },
      call?: SessionCallOptions,
    ) => Promise<MethodTypes[M]['result']>,
    call: SessionCallOptions,
  ) => MaybePromise<MethodTypes[M]['result']>,
): ClientMiddleware {
  // proof: the method is compared first, and its params are those the verb of that method sends
  const typed = handle as unknown as ClientMiddleware
  return (request, next, call) => (request.method === method ? typed(request, next, call) : next(request))
}

const NO_OPTIONS: SessionCallOptions = {}

/** Puts middleware around the sending of requests, the first outermost, and makes sure that a result comes out of it. */
export function compose(middleware: readonly ClientMiddleware[], send: Session['request']): Session['request'] {
  if (middleware.length === 0) return send
  type Step = (request: ClientRequest, call: SessionCallOptions) => MaybePromise<JsonObject>
  const outermost = middleware.reduceRight<Step>(
    (inner, one) => (request, call) => one(request, async (changed, other) => inner(changed, other ?? call), call),
    ({ method, params }, call) => send(method, params, call),
  )
  return async (method, params, options) => {
    const result: unknown = await outermost({ method, params }, options ?? NO_OPTIONS)
    if (isJsonObject(result)) return result
    throw new TypeError(`a middleware answered ${method} with no result object; did it forget to return one?`)
  }
}
