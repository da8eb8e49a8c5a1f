/** Keys of `_meta` the protocol reserves. @see https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  progressToken: 'progressToken',
} as const

/** The notification that a request is not wanted any more. */
export const CANCELLED = 'notifications/cancelled'
/** The notification of how far a request has come. */
export const PROGRESS = 'notifications/progress'
/** The notification that carries a line of a server's log. */
export const LOG_MESSAGE = 'notifications/message'
/** The notification that the list of tools is another one. */
export const TOOLS_CHANGED = 'notifications/tools/list_changed'
/** The notification that the list of resources is another one. */
export const RESOURCES_CHANGED = 'notifications/resources/list_changed'
/** The notification that the content of one resource is another one. */
export const RESOURCE_UPDATED = 'notifications/resources/updated'
/** The notification that the list of prompts is another one. */
export const PROMPTS_CHANGED = 'notifications/prompts/list_changed'
/** The notification that ends the handshake. */
export const INITIALIZED = 'notifications/initialized'

/** Error codes MCP adds to JSON-RPC's. @see https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes */
export const HEADER_MISMATCH = -32020
/** The request needs something that the client did not declare. */
export const MISSING_CLIENT_CAPABILITY = -32021
/** The version of the request is none that is spoken here; the data names those that are. */
export const UNSUPPORTED_PROTOCOL_VERSION = -32022

/** Severity of log messages, least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const
/** The eight levels of a log, from `debug` to `emergency`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Whether a value is one of the eight levels of a log. */
export function isLogLevel(value: unknown): value is LogLevel {
  // proof: includes only compares, whatever the value is
  return LOG_LEVELS.includes(value as LogLevel)
}
