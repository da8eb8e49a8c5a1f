import { InvalidResultError } from '../../errors.ts'
import { INTERNAL_ERROR, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject, type JsonObject } from '../../jsonrpc/message.ts'
import { META } from '../../names.ts'
import { type CacheHint, complete, type Extended, isInputRequests, type Outcome } from '../../outcome.ts'
import type { ServerIdentity } from '../revision.ts'
import { requests } from './methods.ts'

const NO_CACHE: CacheHint = { ttlMs: 0, cacheScope: 'private' }

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic#result-responses */
export function encode(
  method: string,
  outcome: Outcome | Extended,
  identity: ServerIdentity,
  cache?: CacheHint,
): JsonObject {
  if (outcome.kind === 'input_required') return encodeQuestion(method, outcome, identity)
  const { value } = outcome
  const meta = value._meta
  const hint = cache ?? (requests.get(method)?.cacheable === true ? NO_CACHE : undefined)
  return {
    ...value,
    // last, so that no value can pass itself off as another kind of result
    resultType: outcome.kind === 'extended' ? outcome.resultType : 'complete',
    ...hint,
    _meta: isJsonObject(meta) ? { [META.serverInfo]: identity.info, ...meta } : { [META.serverInfo]: identity.info },
  }
}

/** "At least one of `inputRequests` and `requestState`", and only where the method may ask for input. */
function encodeQuestion(
  method: string,
  { requests: asked, state }: Outcome & { kind: 'input_required' },
  identity: ServerIdentity,
): JsonObject {
  const asks = Object.keys(asked).length > 0
  if (requests.get(method)?.asksForInput !== true) throw new RpcError(INTERNAL_ERROR, `${method} may not ask for input`)
  if (!asks && state === undefined) throw new RpcError(INTERNAL_ERROR, `${method} requires input but asks for none`)
  return {
    resultType: 'input_required',
    ...(asks && { inputRequests: asked }),
    ...(state !== undefined && { requestState: state }),
    _meta: { [META.serverInfo]: identity.info },
  }
}

/** The kind of a result is told before anything else of it is looked at, so that no tolerant schema can hide it. */
export function decode(method: string, result: JsonObject): Outcome {
  const { resultType } = result
  // "an absent resultType is to be treated as complete"
  if (resultType === undefined || resultType === 'complete') return complete(result)
  if (resultType !== 'input_required') {
    throw new InvalidResultError(method, `its resultType ${JSON.stringify(resultType)} is not one this client declared`)
  }
  if (requests.get(method)?.asksForInput !== true) {
    throw new InvalidResultError(method, 'it requires input, which only calls, prompts and reads may')
  }
  const { inputRequests = {}, requestState } = result
  if (!isInputRequests(inputRequests)) {
    throw new InvalidResultError(method, 'its inputRequests must be an object of { method, params }')
  }
  if (requestState !== undefined && typeof requestState !== 'string') {
    throw new InvalidResultError(method, 'its requestState must be a string')
  }
  if (requestState === undefined && Object.keys(inputRequests).length === 0) {
    throw new InvalidResultError(method, 'it requires input but has neither inputRequests nor requestState')
  }
  return { kind: 'input_required', requests: inputRequests, ...(requestState !== undefined && { state: requestState }) }
}
