import { z } from 'zod'
import { Integer, JsonObject, RequestId } from './base.ts'

const jsonrpc = z.literal('2.0')
const absent = z.never().optional()

/** A call that wants an answer. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcrequest */
export const JsonRpcRequest = z.looseObject({
  jsonrpc,
  id: RequestId,
  method: z.string(),
  params: JsonObject.optional(),
  result: absent,
  error: absent,
})
export type JsonRpcRequest = z.infer<typeof JsonRpcRequest>

/** A message that is never answered and so never has an id. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcnotification */
export const JsonRpcNotification = z.looseObject({
  jsonrpc,
  id: absent,
  method: z.string(),
  params: JsonObject.optional(),
  result: absent,
  error: absent,
})
export type JsonRpcNotification = z.infer<typeof JsonRpcNotification>

/** The answer of a request that succeeded. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcresultresponse */
export const JsonRpcResultResponse = z.looseObject({
  jsonrpc,
  id: RequestId,
  method: absent,
  result: JsonObject,
  error: absent,
})
export type JsonRpcResultResponse = z.infer<typeof JsonRpcResultResponse>

/** Why a request failed: an integer code and one sentence. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#error */
export const ErrorObject = z.looseObject({ code: Integer, message: z.string(), data: z.unknown().optional() })
export type ErrorObject = z.infer<typeof ErrorObject>

/** The answer of a request that failed; the id is absent only when the request's id could not be read. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcerrorresponse */
export const JsonRpcErrorResponse = z.looseObject({
  jsonrpc,
  id: RequestId.optional(),
  method: absent,
  result: absent,
  error: ErrorObject,
})
export type JsonRpcErrorResponse = z.infer<typeof JsonRpcErrorResponse>

/** Either answer of a request. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcresponse */
export const JsonRpcResponse = z.union([JsonRpcResultResponse, JsonRpcErrorResponse])
export type JsonRpcResponse = z.infer<typeof JsonRpcResponse>

/** Any single message. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonrpcmessage */
export const JsonRpcMessage = z.union([
  JsonRpcRequest,
  JsonRpcNotification,
  JsonRpcResultResponse,
  JsonRpcErrorResponse,
])
export type JsonRpcMessage = z.infer<typeof JsonRpcMessage>

/** Requests and notifications sent as one array, which only 2025-03-26 knows. @see https://modelcontextprotocol.io/specification/2025-03-26/basic#batching */
export const JsonRpcBatchRequest = z.array(z.union([JsonRpcRequest, JsonRpcNotification]))
export type JsonRpcBatchRequest = z.infer<typeof JsonRpcBatchRequest>

/** The answers of a batch, in any order. @see https://modelcontextprotocol.io/specification/2025-03-26/basic#batching */
export const JsonRpcBatchResponse = z.array(JsonRpcResponse)
export type JsonRpcBatchResponse = z.infer<typeof JsonRpcBatchResponse>
