import { createServer, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { z } from 'zod'
import { serveForMeasuring } from '../../http-harness.ts'

const echo = tool({
  name: 'echo',
  description: 'Echo',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
})
await serveForMeasuring(httpHandler(createServer({ name: 'bench', version: '1.0.0', tools: [echo] })))
