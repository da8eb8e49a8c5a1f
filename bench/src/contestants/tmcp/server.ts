import { ZodJsonSchemaAdapter } from '@tmcp/adapter-zod'
import { StdioTransport } from '@tmcp/transport-stdio'
import { McpServer } from 'tmcp'
import { tool } from 'tmcp/utils'
import { z } from 'zod'

const server = new McpServer(
  { name: 'bench', version: '1.0.0', description: 'Echo' },
  { adapter: new ZodJsonSchemaAdapter(), capabilities: { tools: {} } },
)
server.tool(
  {
    name: 'echo',
    description: 'Echo',
    schema: z.object({ text: z.string() }),
    outputSchema: z.object({ text: z.string() }),
  },
  ({ text }) => tool.structured({ text }),
)
new StdioTransport(server).listen()
