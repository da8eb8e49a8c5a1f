/** How the requests of {@link ./wire.ts} travel over HTTP. */
import { callWriter, type Era, INITIALIZED, listening, opening, REVISION } from './wire.ts'

export type Headers = Readonly<Record<string, string>>

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly headers: Headers
  readonly body?: string
}

const POSTED: Headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** The first request of a legacy conversation. */
export function initializeRequest(): HttpRequest {
  return { method: 'POST', headers: POSTED, body: opening('legacy', 0).trimEnd() }
}

/** What ends a legacy handshake. */
export function initializedRequest(session: string | undefined): HttpRequest {
  return { method: 'POST', headers: { ...POSTED, ...legacyHeaders(session) }, body: INITIALIZED.trimEnd() }
}

/** What ends a legacy session. */
export function endRequest(session: string): HttpRequest {
  return { method: 'DELETE', headers: legacyHeaders(session) }
}

/** What every `tools/call` carries in its head. */
export function callHeaders(era: Era, session: string | undefined): Headers {
  return { ...POSTED, ...(era === 'legacy' ? legacyHeaders(session) : modernHeaders('tools/call', 'echo')) }
}

/** One body of a `tools/call` for each of the texts; its id is the place of the text. */
export function callBodies(era: Era, texts: readonly string[]): string[] {
  const write = callWriter(era, texts)
  return texts.map((_, id) => write(id).trimEnd())
}

/** Opens a stream that stays open: the GET of a session, or a subscription. */
export function streamRequest(era: Era, session: string | undefined): HttpRequest {
  if (era === 'legacy') return { method: 'GET', headers: { accept: 'text/event-stream', ...legacyHeaders(session) } }
  return { method: 'POST', headers: { ...POSTED, ...modernHeaders('subscriptions/listen') }, body: listening('s') }
}

/** The message of an answer, which is the body itself or the last event of a stream.
 *  @throws {Error} when there is none */
export function messageIn(contentType: string | null, body: string): unknown {
  if (contentType?.startsWith('text/event-stream') !== true) return JSON.parse(body)
  const data = body
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .at(-1)
  if (data === undefined) throw new Error(`an event stream without data: ${body.slice(0, 300)}`)
  return JSON.parse(data.slice('data:'.length))
}

function legacyHeaders(session: string | undefined): Headers {
  return { 'mcp-protocol-version': REVISION.legacy, ...(session !== undefined && { 'mcp-session-id': session }) }
}

function modernHeaders(method: string, name?: string): Headers {
  return {
    'mcp-protocol-version': REVISION.modern,
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  }
}
