/** The floor over HTTP: a `fetch` per call, one stringify out and one parse in. No library, no checks of what comes. */
import { type HttpClientJob, measureClient } from '../../client-harness.ts'
import { callHeaders, initializedRequest, initializeRequest, messageIn } from '../../http-wire.ts'
import { callTail } from '../../wire.ts'

interface Answered {
  result: { structuredContent: unknown }
}

await measureClient<HttpClientJob>(async ({ era, url }) => {
  const session = era === 'legacy' ? await openSession(url) : undefined
  const headers = callHeaders(era, session)
  const tail = callTail(era).trimEnd()
  let nextId = 1
  return {
    call: async (text) => {
      const asked = `{"jsonrpc":"2.0","id":${nextId++},"method":"tools/call","params":{"name":"echo","arguments":`
      const body = `${asked}${JSON.stringify({ text })}${tail}`
      const response = await fetch(url, { method: 'POST', headers, body })
      // proof: whatever is no answer has no such member, which ends the measurement
      const answer = messageIn(response.headers.get('content-type'), await response.text()) as Answered
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
