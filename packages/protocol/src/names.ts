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

export const CANCELLED = 'notifications/cancelled'
export const PROGRESS = 'notifications/progress'
export const LOG_MESSAGE = 'notifications/message'
export const TOOLS_CHANGED = 'notifications/tools/list_changed'
export const RESOURCES_CHANGED = 'notifications/resources/list_changed'
export const RESOURCE_UPDATED = 'notifications/resources/updated'
export const PROMPTS_CHANGED = 'notifications/prompts/list_changed'
export const INITIALIZED = 'notifications/initialized'

/** Error codes MCP adds to JSON-RPC's. @see https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes */
export const HEADER_MISMATCH = -32020
export const MISSING_CLIENT_CAPABILITY = -32021
export const UNSUPPORTED_PROTOCOL_VERSION = -32022

/** Severity of log messages, least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export function isLogLevel(value: unknown): value is LogLevel {
  // proof: includes only compares, whatever the value is
  return LOG_LEVELS.includes(value as LogLevel)
}
