import type { Launch } from './drivers/driver.ts'

/** One message as it came over the pipe. */
export interface Message {
  jsonrpc?: string
  id?: string | number | null
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown> & { content?: { text?: string }[]; isError?: boolean }
  error?: { code: number; message: string; data?: unknown }
}

/** A server process at the end of a bare pipe: nothing is added to what a test writes, or taken from what comes back. */
export interface RawServer extends AsyncDisposable {
  write(bytes: string | Uint8Array): void
  /** The next line of stdout, parsed: a message, or an array of them. @throws {Error} when stdout ends first */
  read(): Promise<Message | Message[]>
  /** Everything up to and with the answer to this id, in order. */
  readThrough(id: string | number): Promise<(Message | Message[])[]>
  endInput(): void
  /** All lines that are left, after the end of stdout. */
  readToEnd(): Promise<(Message | Message[])[]>
  readonly exited: Promise<number>
}

export function startRaw({ command, args }: Launch): RawServer {
  const child = Bun.spawn([command, ...args], { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore' })
  const lines = linesOf(child.stdout)

  async function next(): Promise<Message | Message[] | undefined> {
    const { value, done } = await lines.next()
    return done === true ? undefined : JSON.parse(value)
  }

  async function read(): Promise<Message | Message[]> {
    const message = await next()
    if (message === undefined) throw new Error('the server closed its stdout')
    return message
  }

  return {
    write(bytes) {
      child.stdin.write(bytes)
      child.stdin.flush()
    },
    read,
    async readThrough(id) {
      const messages: (Message | Message[])[] = []
      for (;;) {
        const message = await read()
        messages.push(message)
        if (!Array.isArray(message) && message.method === undefined && message.id === id) return messages
      }
    },
    endInput: () => void child.stdin.end(),
    async readToEnd() {
      const messages: (Message | Message[])[] = []
      for (let message = await next(); message !== undefined; message = await next()) messages.push(message)
      return messages
    },
    exited: child.exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
  }
  if (rest !== '') throw new Error(`stdout ended inside a line: ${rest.slice(0, 100)}`)
  return undefined
}
