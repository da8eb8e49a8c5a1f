import { createServer, serveStdio, tool } from '@bao-mcp/server'

const schema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
const echo = tool({
  name: 'echo',
  description: 'Echo',
  input: schema,
  output: schema,
  run: ({ text }) => ({ text }),
})
await serveStdio(createServer({ name: 'bench', version: '1.0.0', tools: [echo] }))
