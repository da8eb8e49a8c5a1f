import { createServer, type Server, tool } from '@bao-mcp/server'
import { z } from 'zod'

const echo = tool({
  name: 'echo',
  description: 'Echo a string back to the caller.',
  input: z.object({ text: z.string().describe('What to send back') }),
  output: z.object({ text: z.string() }),
  annotations: { readOnlyHint: true, idempotentHint: true },
  run: ({ text }) => ({ text }),
})

const slowEcho = tool({
  name: 'slow_echo',
  description: 'Echo a string one character at a time, reporting progress. Stops at once when it is cancelled.',
  input: z.object({
    text: z.string().describe('What to send back'),
    delayMs: z.number().int().min(0).max(10_000).default(200).describe('Milliseconds per character'),
  }),
  output: z.object({ text: z.string(), tookMs: z.number() }),
  annotations: { readOnlyHint: true, idempotentHint: true },
  async run({ text, delayMs }, call) {
    const startedAt = performance.now()
    const characters = [...text]
    for (const [index, character] of characters.entries()) {
      await delay(delayMs, call.signal)
      call.progress(index + 1, characters.length, `said ${JSON.stringify(character)}`)
    }
    return { text, tookMs: Math.round(performance.now() - startedAt) }
  },
})

/** Waits, or rejects with the signal's reason as soon as it aborts. */
function delay(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', stop, { once: true })
    function done(): void {
      signal.removeEventListener('abort', stop)
      resolve()
    }
    function stop(): void {
      clearTimeout(timer)
      reject(signal.reason)
    }
  })
}

/** The smallest honest server: one quick tool, one slow one. */
export const echoServer: Server = createServer({
  name: 'echo',
  version: '0.1.0',
  title: 'Echo',
  instructions: 'Use echo to check that the connection works, and slow_echo to watch progress and cancellation.',
  tools: [echo, slowEcho],
})
