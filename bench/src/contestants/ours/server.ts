import { createServer, serveStdio, tool } from '@bao-mcp/server'
import { z } from 'zod'

const echo = tool({
  name: 'echo',
  description: 'Echo',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
})
await serveStdio(createServer({ name: 'bench', version: '1.0.0', tools: [echo] }))
