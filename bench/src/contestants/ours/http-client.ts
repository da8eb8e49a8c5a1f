import { connect, http } from '@bao-mcp/client'
import { type HttpClientJob, measureClient } from '../../client-harness.ts'

await measureClient<HttpClientJob>(async ({ era, url }) => {
  const client = await connect(http(url), { pin: era })
  return {
    call: async (text) => (await client.callTool('echo', { text })).structuredContent,
    close: () => client[Symbol.asyncDispose](),
  }
})
