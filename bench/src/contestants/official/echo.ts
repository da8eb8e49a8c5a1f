import { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** The echo server of the official SDK, which wants a new one for every connection, request or session. */
export function createEcho(): McpServer {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  server.registerTool(
    'echo',
    {
      description: 'Echo',
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ text: z.string() }),
    },
    ({ text }) => {
      const output = { text }
      return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output }
    },
  )
  return server
}
