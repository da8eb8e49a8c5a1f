/** The Model Context Protocol client: transports, both protocol eras, typed verbs. */
export {
  type CloseReason,
  ConnectionError,
  type ConnectionErrorCode,
  InputRoundsError,
  InvalidResultError,
  type LogLevel,
  NegotiationError,
  type Notice,
  RpcError,
  type Stray,
} from '@bao-mcp/protocol/engine'
export type { Era } from '@bao-mcp/protocol/revisions'
export { AuthError, type AuthErrorCode } from './auth/auth-error.ts'
export { type Authorizer, bearer } from './auth/authorizer.ts'
export {
  type CacheEntry,
  type CacheStore,
  createMemoryCache,
  DEFAULT_CACHE_ENTRIES,
  DEFAULT_CACHE_LENGTH,
  type MemoryCache,
  type MemoryCacheOptions,
} from './cache-store.ts'
export type { Change } from './changes.ts'
export type { CallArguments, CallToolOptions, Client, PlainOptions, ReadResourceOptions } from './client.ts'
export {
  type ConnectOptions,
  connect,
  DEFAULT_CLIENT_INFO,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_PROBE_TIMEOUT_MS,
} from './connect.ts'
export type { ServerFacts } from './eras/greeting.ts'
export type { Prior } from './eras/negotiate.ts'
export { createVerdicts, DEFAULT_VERDICT_MS, type Verdicts } from './eras/verdicts.ts'
export { ServerStartError } from './errors.ts'
export type { ClientExtension, Conversation, ExtendedCall } from './extension.ts'
export type { Fetch, HttpClientOptions } from './http/options.ts'
export { InputError, type InputErrorCode } from './input-error.ts'
export type {
  FormHandler,
  InputHandlers,
  RootsHandler,
  SamplingHandler,
  UrlDone,
  UrlHandler,
} from './input-handlers.ts'
export type { ListOptions, Lists } from './lists.ts'
export { type BreakerState, DEFAULT_BREAKER_COOLDOWN_MS, DEFAULT_BREAKER_FAILURES } from './manager/breaker.ts'
export { createSessionManager } from './manager/create-manager.ts'
export type { EventBody, ManagerEvent, ServerEventBody } from './manager/events.ts'
export type { ServerHandle } from './manager/handle.ts'
export {
  type AdaptiveIdleStop,
  DEFAULT_MAX_IDLE_STOP_MS,
  DEFAULT_MIN_IDLE_STOP_MS,
} from './manager/idle-stop.ts'
export type { ManagerSnapshot, ServerInfo, ServerSnapshot } from './manager/info.ts'
export type { ServerTool } from './manager/list-tools.ts'
export type { AddOptions, ReadyOptions, SessionManager } from './manager/manager.ts'
export { ManagerError, type ManagerErrorCode, type ManagerEvidence } from './manager/manager-error.ts'
export {
  DEFAULT_CLOSE_TIMEOUT_MS,
  DEFAULT_MAX_EVENTS,
  DEFAULT_READY_TIMEOUT_MS,
  type SessionManagerOptions,
} from './manager/options.ts'
export type { AcceptToolsOptions, PinMode, Pinning } from './manager/pin-options.ts'
export {
  acceptPins,
  changedTools,
  describeChanges,
  type Pin,
  type PinnedField,
  type Pins,
  parsePins,
  pinTools,
  printPins,
  type ToolChange,
  type ToolChanges,
} from './manager/pin-set.ts'
export { filePins, memoryPins, type PinStore } from './manager/pin-store.ts'
export type { ReadyReport } from './manager/readiness.ts'
export type { RestartOptions } from './manager/restarts.ts'
export {
  DEFAULT_HEALTH_INTERVAL_MS,
  DEFAULT_HEALTH_TIMEOUT_MS,
  DEFAULT_MAX_IN_FLIGHT_HTTP,
  DEFAULT_MAX_IN_FLIGHT_STDIO,
  DEFAULT_MAX_QUEUED,
  DEFAULT_QUEUE_TIMEOUT_MS,
  DEFAULT_START_WAIT_MS,
  type HttpServer,
  type ServerConfig,
  type ServerManifest,
  type ServerOptions,
  type ShownConfig,
  type StdioServer,
  type ToolOptions,
} from './manager/server-config.ts'
export { createServerPool, type ServerPool } from './manager/slots.ts'
export type { ServerState } from './manager/state.ts'
export type { TapMessage } from './manager/tap.ts'
export type { Approve, CallToApprove, ManagedCall } from './manager/tool-call.ts'
export type { ToolsVerdict, Vet } from './manager/tool-list.ts'
export { type ClientMiddleware, type ClientRequest, forMethod, type MethodTypes, type Next } from './middleware.ts'
export { DEFAULT_MAX_PAGES } from './pages.ts'
export type { Progress, RequestOptions } from './progress.ts'
export type { InputCall, SessionCallOptions } from './session.ts'
export type { SubscribeOptions, Subscription } from './subscriptions.ts'
export { DEFAULT_MAX_RETRIES } from './tool-calls.ts'
export type { CheckedToolResult, ToolResult } from './tool-result.ts'
export { http, sse } from './transports/http.ts'
export { memory } from './transports/memory.ts'
export { type StdioOptions, stdio } from './transports/stdio.ts'
export { INHERITED_VARIABLES, INHERITED_VARIABLES_WINDOWS } from './transports/stdio-env.ts'
export type { OpenOptions, Transport } from './transports/transport.ts'
export type { Wanted } from './wanted.ts'
