import { createServer, type Server, tool } from '@bao-mcp/server'

/** A definition whose calls the test starts, watches and lets go. */
export interface World {
  readonly server: Server
  /** Resolves when a call of `wait` or `steps` runs. */
  readonly running: Promise<void>
  /** Resolves when the signal of such a call has aborted. */
  readonly aborted: Promise<void>
  /** Lets such calls finish. */
  release(): void
}

export function createWorld(): World {
  const running = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()

  function wait(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => aborted.resolve(), { once: true })
    running.resolve()
    return Promise.race([gate.promise, aborted.promise])
  }

  const echo = tool({
    name: 'echo',
    input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    run: ({ text }) => String(text),
  })
  const length = tool({
    name: 'length',
    input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    run: ({ text }) => String(String(text).length),
  })
  const held = tool({
    name: 'wait',
    input: { type: 'object' },
    async run(_args, call) {
      await wait(call.signal)
      return 'waited'
    },
  })
  const steps = tool({
    name: 'steps',
    input: { type: 'object' },
    async run(_args, call) {
      call.progress(1, 2)
      await wait(call.signal)
      call.progress(2, 2)
      return 'done'
    },
  })
  return {
    server: createServer({ name: 'mounted', version: '1.0.0', tools: [echo, length, held, steps] }),
    running: running.promise,
    aborted: aborted.promise,
    release: () => gate.resolve(),
  }
}
