import { ConnectionError, INITIALIZED, isJsonObject } from '@bao-mcp/protocol/engine'
import { handshakeRevisions } from '@bao-mcp/protocol/revisions'

/** What is remembered of a handshake over HTTP. */
export interface HttpSession {
  /** Names the session; undefined where the server keeps none. */
  readonly id: string | undefined
  /** The version that was agreed on, in the server's words. */
  readonly version: string
  /** Whether a stream that broke off may be continued. */
  readonly resumesStreams: boolean
  /** What goes with every request from now on. */
  readonly headers: Readonly<Record<string, string>>
}

export const SESSION_HEADER = 'mcp-session-id'
/** Longest id of a session that is carried along, in characters. */
export const MAX_SESSION_ID_LENGTH = 4096

const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/** The session an `initialize` has opened; undefined when its result agrees on no version. */
export function sessionOf(result: unknown, id: string | undefined): HttpSession | undefined {
  if (!isJsonObject(result) || typeof result.protocolVersion !== 'string') return undefined
  const version = result.protocolVersion
  const revision = handshakeRevisions.find((one) => one.version === version)
  return {
    id,
    version,
    resumesStreams: revision?.http.resumesStreams === true,
    headers: {
      ...(id !== undefined && { [SESSION_HEADER]: id }),
      ...revision?.http.headersOf({ method: INITIALIZED }),
    },
  }
}

/**
 * The id in the head of the answer to an `initialize`. "The session ID MUST only contain visible ASCII characters".
 * @throws {ConnectionError} `unanswerable` for an id that cannot be sent back; it is not shown, as it may be as good as a password
 */
export function readSessionId(headers: Headers): string | undefined {
  const id = headers.get(SESSION_HEADER)
  if (id === null) return undefined
  const length = `an Mcp-Session-Id of ${id.length} characters`
  if (id.length > MAX_SESSION_ID_LENGTH) {
    throw refused(`${length}, which is over the limit of ${MAX_SESSION_ID_LENGTH}`)
  }
  if (!VISIBLE_ASCII.test(id)) throw refused(`${length}, which must all be visible ASCII and are not`)
  return id
}

function refused(words: string): ConnectionError {
  return new ConnectionError('unanswerable', `initialize: the server answered with ${words}`, { method: 'initialize' })
}
