/** The floor over HTTP: a `fetch` per call, one stringify out and one parse in. No library, no checks but of the id. */
import { type HttpClientJob, measureClient } from '../../client-harness.ts'
import { callHeaders, initializedRequest, initializeRequest, messageIn } from '../../http-wire.ts'
import { callTail } from '../../wire.ts'

interface Answered {
  id: unknown
  result: { structuredContent: unknown }
}

await measureClient<HttpClientJob>(async ({ era, url, cancellable = false }) => {
  const session = era === 'legacy' ? await openSession(url) : undefined
  const headers = callHeaders(era, session)
  const tail = callTail(era).trimEnd()
  let nextId = 1
  return {
    call: async (text) => {
      const id = nextId++
      const asked = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":`
      const init: RequestInit = { method: 'POST', headers, body: `${asked}${JSON.stringify({ text })}${tail}` }
      if (cancellable) init.signal = new AbortController().signal
      const response = await fetch(url, init)
      // proof: whatever is no answer has no such member, which ends the measurement
      const answer = messageIn(response.headers.get('content-type'), await response.text()) as Answered
      if (answer.id !== id) throw new Error(`an answer to ${JSON.stringify(answer.id)} where ${id} was asked`)
      return answer.result.structuredContent
    },
    close: async () => {},
  }
})

async function openSession(url: string): Promise<string | undefined> {
  const opened = await fetch(url, initializeRequest())
  await opened.text()
  const session = opened.headers.get('mcp-session-id') ?? undefined
  await fetch(url, initializedRequest(session))
  return session
}
