import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { type HttpClientJob, measureClient } from '../../client-harness.ts'
import { REVISION } from '../../wire.ts'

await measureClient<HttpClientJob>(async ({ era, url }) => {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: REVISION.modern } } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  return {
    call: async (text) => (await client.callTool({ name: 'echo', arguments: { text } })).structuredContent,
    close: () => client.close(),
  }
})
