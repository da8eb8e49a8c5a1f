import { connect, stdio } from '@bao-mcp/client'
import { measureClient } from '../../client-harness.ts'

await measureClient(async ({ era, command, args }) => {
  const client = await connect(stdio({ command, args }), { pin: era })
  return {
    call: async (text) => (await client.callTool('echo', { text })).structuredContent,
    close: () => client[Symbol.asyncDispose](),
  }
})
