/**
 * What HTTP clients are measured against: as cheap as the floor, but it keeps sessions and refuses requests whose head is wrong,
 * so that no client gets away with saying less. The argument `events` has every answer come as an event stream.
 */
import { serveForMeasuring } from '../../http-harness.ts'
import { type Asked, answerTo } from './answer.ts'
import { EVENTS, openStream } from './open-stream.ts'

const LEGACY_VERSION = '2025-11-25'
const MODERN_VERSION = '2026-07-28'
const asEvents = process.argv[2] === 'events'
const type = { 'content-type': asEvents ? EVENTS : 'application/json' }
const init = { headers: type }
const encoder = new TextEncoder()
const sessions = new Set<string>()

await serveForMeasuring(async (request) => {
  const { method, headers } = request
  const session = headers.get('mcp-session-id')
  const asked: Asked | undefined = method === 'POST' ? JSON.parse(await request.text()) : undefined
  if (asked?.method === 'initialize') {
    const id = crypto.randomUUID()
    sessions.add(id)
    return answer(asked, { headers: { ...type, 'mcp-session-id': id } })
  }
  const version = headers.get('mcp-protocol-version')
  if (version === MODERN_VERSION) {
    if (asked === undefined || headers.get('mcp-method') !== asked.method) return empty(400)
    if (asked.method === 'tools/call' && headers.get('mcp-name') !== 'echo') return empty(400)
    return asked.method === 'subscriptions/listen' ? openStream() : answer(asked, init)
  }
  if (version !== LEGACY_VERSION) return empty(400)
  if (session === null || !sessions.has(session)) return empty(404)
  if (asked !== undefined) return answer(asked, init)
  if (method === 'GET') return openStream()
  return empty(sessions.delete(session) ? 204 : 404)
})

function answer(asked: Asked, head: ResponseInit): Response {
  if (asked.id === undefined) return empty(202)
  const text = JSON.stringify(answerTo(asked))
  return new Response(asEvents ? streamOf(`event: message\ndata: ${text}\n\n`) : text, head)
}

/** As servers send events: what does not end in the turn it began in goes out in chunks, its length not told beforehand. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(text))
      setImmediate(() => controller.close())
    },
  })
}

function empty(status: number): Response {
  return new Response(null, { status })
}
