import { INTERNAL_ERROR, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject, isRequestId, type JsonObject } from '../../jsonrpc/message.ts'
import { META } from '../../names.ts'
import type { RequestFacts } from '../revision.ts'

/** A conversation said everything of itself in its handshake, so a request adds at most its progress token. */
export function lift(params: JsonObject | undefined, remembered: RequestFacts | undefined): RequestFacts {
  if (remembered === undefined) throw new RpcError(INTERNAL_ERROR, 'a request was lifted without its conversation')
  const meta = params?._meta
  const token = isJsonObject(meta) ? meta[META.progressToken] : undefined
  return isRequestId(token) ? { ...remembered, progressToken: token } : remembered
}

/** Requests carry no identity of their own here. */
export function attach(params: JsonObject | undefined): JsonObject | undefined {
  return params
}
