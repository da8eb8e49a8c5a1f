/** The floor over HTTP: what `Bun.serve` itself needs. No library, no checks, one parse in and one stringify out; no sessions. */
import { serveForMeasuring } from '../../http-harness.ts'
import { type Asked, answerTo } from './answer.ts'
import { openStream } from './open-stream.ts'

const JSON_INIT = { headers: { 'content-type': 'application/json' } }

await serveForMeasuring(async (request) => {
  if (request.method === 'GET') return openStream()
  const asked: Asked = JSON.parse(await request.text())
  if (asked.method === 'subscriptions/listen') return openStream()
  return asked.id === undefined
    ? new Response(null, { status: 202 })
    : new Response(JSON.stringify(answerTo(asked)), JSON_INIT)
})
