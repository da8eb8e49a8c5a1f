import { AnsweredError, ConnectionError, isJsonObject, METHOD_NOT_FOUND } from '@bao-mcp/protocol/engine'
import { refusedWith } from '../../http/answer.ts'
import { parsed } from '../../http/read-messages.ts'

/** How a server says, in other words than the specification's, that it does not know the session of a request. */
interface LookAlike {
  readonly status: number
  /** Code of the JSON-RPC error that the body is. */
  readonly code: number
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
  // the Python SDK
  { status: 400, code: -32600, text: NO_VALID_SESSION },
  { status: 400, code: -32600, text: INVALID_SESSION },
]

/**
 * Statuses and bodies without a code. A failure of the tool itself may speak of a session too, so the body has to be such
 * a sentence from its beginning to its end.
 */
const PLAIN_STATUS = 400
const PLAIN_TEXTS: readonly RegExp[] = [
  /^(?:the |your |this )?(?:mcp[ -])?session(?:[ -]?id)?(?: [\w.:'"-]{1,128})?(?: is| was| has| has been)?(?: not found| unknown| expired| invalid| terminated| does not exist)$/i,
  /^(?:no valid|unknown|(?:missing|invalid)(?:(?:,? or |\/)(?:missing|invalid|expired|unknown))?|expired) (?:mcp[ -])?session(?:[ -]?id)?(?: provided| given| header)?$/i,
  /^server not initialized$/i,
]
/** What may stand around such a sentence. */
const FRAME = /^(?:(?:bad request|error)\s*[:.-]\s*)?(.*?)[.!]?(?:\s*\([^()]{0,60}\))?$/is
const LONGEST_SENTENCE = 300

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
  if (error.status === 404) return hadId
  if (error.status !== PLAIN_STATUS) return false
  const sentence = sentenceOf(refusedWith(error))
  return PLAIN_TEXTS.some((text) => text.test(sentence))
}

/** What a body says, where it is one text, or JSON whose error is one; empty otherwise. */
function sentenceOf(body: string): string {
  if (body.length > LONGEST_SENTENCE) return ''
  const value = parsed(body)
  const said = isJsonObject(value) ? (value.error ?? value.message ?? value.detail) : (value ?? body)
  const text = isJsonObject(said) ? said.message : said
  return typeof text === 'string' ? (FRAME.exec(text.trim())?.[1] ?? '') : ''
}
