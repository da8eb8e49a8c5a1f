/** Legacy sessions, which `createMcpHandler` has none of: a server and a transport for each, as its documentation wires it. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'
import { serveForMeasuring } from '../../http-harness.ts'
import { createEcho } from './echo.ts'

const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()

async function openSession(): Promise<WebStandardStreamableHTTPServerTransport> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    // without an event, Bun holds the head of an answer back until the first comment that keeps it alive
    keepAliveMs: 500,
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  })
  await createEcho().connect(transport)
  return transport
}

await serveForMeasuring(async (request) => {
  const id = request.headers.get('mcp-session-id')
  const transport = id === null ? await openSession() : sessions.get(id)
  return transport?.handleRequest(request) ?? new Response(null, { status: 404 })
})
