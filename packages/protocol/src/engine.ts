/**
 * What a client or a server is built from: the JSON-RPC engine, framing, errors and the input loop. Loads no schemas.
 */
export { mcpConventions } from './conventions.ts'
export { InvalidResultError, NegotiationError } from './errors.ts'
export {
  decodeHeaderValue,
  encodeHeaderValue,
  type HeaderLookup,
} from './header-value.ts'
export { createIdScanner, type IdScanner } from './id-scan.ts'
export type { Caller, CallOptions, Exchange, MaybePromise, Responder } from './jsonrpc/caller.ts'
export type { Channel, OutboundWay, Receiver, Unreadable, Way } from './jsonrpc/channel.ts'
export { type Clock, systemClock } from './jsonrpc/clock.ts'
export type { Conventions } from './jsonrpc/conventions.ts'
export { createDeadlines, type Deadline, type Deadlines } from './jsonrpc/deadlines.ts'
export {
  AnsweredError,
  type CloseReason,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionEvidence,
  HUB_LOST,
  INSUFFICIENT_SCOPE,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  RpcError,
  SERVER_BUSY,
  toRpcError,
} from './jsonrpc/errors.ts'
export { memoryChannelPair } from './jsonrpc/memory-channel.ts'
export {
  classify,
  encodeMessage,
  explainInvalid,
  type InvalidMessage,
  isJsonObject,
  isRequestId,
  type JsonObject,
  type JsonRpcError,
  type JsonRpcErrorObject,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResponse,
  type JsonRpcResult,
  type MessageKind,
  type Notice,
  notification,
  type RequestId,
  SerialisedResult,
} from './jsonrpc/message.ts'
export { checkTimeLimits } from './jsonrpc/outbound.ts'
export {
  createPeer,
  DEFAULT_MAX_TOTAL_TIMEOUT_MS,
  DEFAULT_TIMEOUT_MS,
  MAX_BATCH_SIZE,
  type Peer,
  type PeerOptions,
  type Stray,
} from './jsonrpc/peer.ts'
export {
  CANCELLED,
  HEADER_MISMATCH,
  INITIALIZED,
  isLogLevel,
  LOG_LEVELS,
  LOG_MESSAGE,
  type LogLevel,
  META,
  MISSING_CLIENT_CAPABILITY,
  PROGRESS,
  PROMPTS_CHANGED,
  RESOURCE_UPDATED,
  RESOURCES_CHANGED,
  TOOLS_CHANGED,
  UNSUPPORTED_PROTOCOL_VERSION,
} from './names.ts'
export { createNdjsonReader, DEFAULT_MAX_MESSAGE_BYTES, type NdjsonReader, type NdjsonReaderOptions } from './ndjson.ts'
export { createOutbox, type Outbox, type OutboxFailure, type OutboxOptions } from './outbox.ts'
export {
  type CacheHint,
  type Complete,
  complete,
  type Extended,
  type InputRequest,
  type InputRequests,
  type InputRequired,
  type InputResponses,
  isInputRequests,
  isInputResponses,
  type Outcome,
  type Round,
} from './outcome.ts'
export {
  checkParamHeaders,
  MAX_PARAM_HEADER_DEPTH,
  type ParamHeader,
  type ParamHeaderType,
  paramHeadersOf,
  paramHeaderValues,
} from './param-headers.ts'
export { samplingFault } from './sampling-turns.ts'
export {
  describeIssue,
  isStandardSchema,
  type SchemaInput,
  type SchemaIssue,
  type SchemaOutput,
  type SchemaResult,
  type StandardSchema,
  toJsonSchema,
} from './schema.ts'
export { maskArgument, maskText, soundsSecret } from './secrets.ts'
export { DEFAULT_MAX_INPUT_ROUNDS, InputRoundsError, type SettleInput, settleInput } from './settle-input.ts'
export { shown } from './shown.ts'
export {
  createSseReader,
  encodeSseComment,
  encodeSseEvent,
  MIN_MAX_EVENT_BYTES,
  type SseEvent,
  type SseFields,
  type SseReader,
  type SseReaderOptions,
} from './sse.ts'
export { MAX_TEMPLATE_URI_LENGTH, parseUriTemplate, type UriTemplate } from './uri-template.ts'
