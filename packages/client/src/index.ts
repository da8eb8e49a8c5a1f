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
export type { CallArguments, CallToolOptions, Client, ListOptions } from './client.ts'
export {
  type ConnectOptions,
  connect,
  DEFAULT_CLIENT_INFO,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_PROBE_TIMEOUT_MS,
} from './connect.ts'
export { createVerdicts, DEFAULT_VERDICT_MS, type Verdicts } from './eras/verdicts.ts'
export { ServerStartError } from './errors.ts'
export { InputError, type InputErrorCode } from './input-error.ts'
export type { FormHandler, InputHandlers, RootsHandler, SamplingHandler, UrlHandler } from './input-handlers.ts'
export { DEFAULT_MAX_PAGES } from './pages.ts'
export type { Progress, RequestOptions } from './progress.ts'
export type { InputCall } from './session.ts'
export type { CheckedToolResult, ToolResult } from './tool-result.ts'
export { memory } from './transports/memory.ts'
export { type StdioOptions, stdio } from './transports/stdio.ts'
export { INHERITED_VARIABLES, INHERITED_VARIABLES_WINDOWS } from './transports/stdio-env.ts'
export type { OpenOptions, Transport } from './transports/transport.ts'
