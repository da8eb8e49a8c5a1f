import { createServer, tool } from '@bao-mcp/server'
import { serveStdio } from '../../packages/server/dist/stdio/serve.js'

const runs = {
  echo: ({ text }) => text,
  later: ({ text }) => new Promise((resolve) => setTimeout(resolve, 20, text)),
  hang: () => new Promise(() => undefined),
  big: ({ length }) => 'x'.repeat(length),
  print: ({ text }) => {
    console.log(text)
    process.stdout.write(`${text}\n`)
    return 'printed'
  },
  crash: () => {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
    return new Promise(() => undefined)
  },
  reject: () => {
    void Promise.reject(new Error('nobody handles this'))
    return 'rejected'
  },
  hold: () => {
    setInterval(() => undefined, 1_000_000)
    return 'held'
  },
  say: ({ text }) =>
    new Promise((resolve) => {
      setTimeout(() => {
        console.error(text)
        resolve('said')
      }, 20)
    }),
}
const tools = Object.entries(runs).map(([name, run]) => tool({ name, input: { type: 'object' }, run }))
await serveStdio(createServer({ name: 'fixture', version: '1.0.0', tools }), JSON.parse(process.argv[2] ?? '{}'))
