import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { measureClient } from '../../client-harness.ts'
import { REVISION } from '../../wire.ts'

await measureClient(async ({ era, command, args }) => {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: era === 'legacy' ? 'legacy' : { pin: REVISION.modern } } },
  )
  await client.connect(new StdioClientTransport({ command, args }))
  return {
    call: async (text) => (await client.callTool({ name: 'echo', arguments: { text } })).structuredContent,
    close: () => client.close(),
  }
})
