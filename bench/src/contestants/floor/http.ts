/** The floor over HTTP: what `Bun.serve` itself needs. No library, no checks, one parse in and one stringify out; no sessions. */
import { serveForMeasuring } from '../../http-harness.ts'
import { type Asked, answerTo } from './answer.ts'

const JSON_INIT = { headers: { 'content-type': 'application/json' } }
const SSE_INIT = { headers: { 'content-type': 'text/event-stream' } }
const FIRST_BYTES = new TextEncoder().encode(':\n\n')
const open = new Set<ReadableStreamDefaultController<Uint8Array>>()

await serveForMeasuring(async (request) => {
  if (request.method === 'GET') return openStream()
  const asked: Asked = JSON.parse(await request.text())
  if (asked.method === 'subscriptions/listen') return openStream()
  return asked.id === undefined
    ? new Response(null, { status: 202 })
    : new Response(JSON.stringify(answerTo(asked)), JSON_INIT)
})

function openStream(): Response {
  let own: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      own = controller
      open.add(controller)
      controller.enqueue(FIRST_BYTES)
    },
    cancel() {
      open.delete(own)
    },
  })
  return new Response(body, SSE_INIT)
}
