import { AnsweredError, ConnectionError, METHOD_NOT_FOUND } from '@bao-mcp/protocol/engine'

/** How a server says, in other words than the specification's, that it does not know the session of a request. */
interface LookAlike {
  readonly status: number
  /** Code of the JSON-RPC error, where the body has to be one. */
  readonly code?: number
  readonly text: RegExp
}

const INVALID_SESSION = /\bsession\b.{0,20}\b(?:not found|unknown|expired|invalid|terminated|does not exist)\b/i
const NO_VALID_SESSION = /\b(?:no valid|unknown|invalid|expired)\b.{0,15}\bsession\b/i

/**
 * All of them refuse a request before anything of it runs. A code alone says too little: -32000 and -32001 mean timeouts
 * and closed connections as well, so the words count too.
 * @see https://github.com/anthropics/claude-code/issues/55970
 * @see https://github.com/mcp-use/mcp-use/issues/1133
 * @see https://github.com/punkpeye/fastmcp/issues/121
 * @see https://github.com/punkpeye/mcp-remote/issues/106
 */
const LOOK_ALIKES: readonly LookAlike[] = [
  // a transport of the official TypeScript SDK 1 that was made after a restart, and has not seen an initialize
  { status: 400, code: -32000, text: /server not initialized/i },
  { status: 400, code: -32600, text: /server not initialized/i },
  // servers that keep transports in a map, as the examples of that SDK do
  { status: 400, code: -32000, text: NO_VALID_SESSION },
  { status: 400, code: -32000, text: INVALID_SESSION },
  // the code that goes with 404 in that SDK, passed on by gateways with a status of their own
  { status: 400, code: -32001, text: INVALID_SESSION },
  { status: 400, code: -32001, text: NO_VALID_SESSION },
  // the Python SDK, and servers that answer in plain text
  { status: 400, code: -32600, text: NO_VALID_SESSION },
  { status: 400, code: -32600, text: INVALID_SESSION },
  { status: 400, text: NO_VALID_SESSION },
  { status: 400, text: INVALID_SESSION },
  { status: 400, text: /server not initialized/i },
]

/**
 * Whether a refused request says that its session is over. It has certainly not run then.
 * @param hadId whether the request named a session
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export function isSessionLost(error: Error, hadId: boolean): boolean {
  if (error instanceof AnsweredError) {
    const { status, code, message } = error
    // "When a client receives HTTP 404 in response to a request containing an MCP-Session-Id, it MUST start a new
    // session"; some servers answer with it for a method they do not know, in a session they do
    if (status === 404) return hadId && code !== METHOD_NOT_FOUND
    return LOOK_ALIKES.some((one) => one.status === status && one.code === code && one.text.test(message))
  }
  if (!(error instanceof ConnectionError) || error.code !== 'http_status') return false
  const { status, message } = error
  if (status === 404) return hadId
  return LOOK_ALIKES.some((one) => one.status === status && one.code === undefined && one.text.test(message))
}
