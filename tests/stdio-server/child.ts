import { type ChildProcess, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import type { StdioOptions } from '@bao-mcp/server'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

export interface Answer {
  id: number
  result?: { content: { text: string }[] }
  error?: { code: number; message: string }
}

export interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  /** Sends a tools/call without waiting; resolves with its answer, and rejects when stdout ends first. */
  call(name: string, args?: object): Promise<Answer>
  endInput(): void
  /** Starts reading stdout, where `reads: false` left it. */
  read(): void
  /** Resolves when stderr has shown this; rejects when stderr ends first. */
  says(pattern: RegExp): Promise<void>
  readonly stderr: string
  /** Every line of stdout so far. */
  readonly lines: readonly string[]
  /** Resolves when the process is over and its output was read. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>
}

/** The command of a fixture, to be started by this runtime. */
export function fixture(name: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, join(FIXTURES, `${name}.ts`), ...args]
}

/** Starts the server fixture. With `reads: false` nothing is taken from its stdout until it is asked for. */
export function startServer(options: StdioOptions = {}, { reads = true } = {}): Child {
  return start(fixture('server', JSON.stringify(options)), { reads })
}

/** Starts a command. Its stdin is a pipe of its own, or the descriptor `input`, which the caller keeps open. */
export function start(
  [command, ...args]: [string, ...string[]],
  { reads = true, input }: { reads?: boolean; input?: number } = {},
): Child {
  const child: ChildProcess = spawn(command, args, {
    stdio: [input ?? 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const { stdin, stdout, stderr } = child
  const waiting = new Map<number, PromiseWithResolvers<Answer>>()
  const listening = new Set<() => void>()
  const lines: string[] = []
  let rest = ''
  let said = ''
  let stderrEnded = false
  let nextId = 1

  function onText(text: string): void {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      const answer: Answer = JSON.parse(line)
      waiting.get(answer.id)?.resolve(answer)
      waiting.delete(answer.id)
    }
  }

  function heard(): void {
    for (const listener of [...listening]) listener()
  }

  function read(): void {
    stdout?.setEncoding('utf8').on('data', onText)
    stdout?.on('close', () => {
      for (const { reject } of waiting.values()) reject(new Error(`stdout ended without an answer; stderr: ${said}`))
    })
  }

  if (reads) read()
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    heard()
  })
  stderr?.on('close', () => {
    stderrEnded = true
    heard()
  })
  stdin?.on('error', () => {
    // the server ended before it read everything; its exit tells
  })
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on(reads ? 'close' : 'exit', (code, signal) => resolve({ code, signal }))
  })

  return {
    process: child,
    call(name, args = {}) {
      const id = nextId++
      const answer = Promise.withResolvers<Answer>()
      // a test that does not wait for this answer is not about it
      answer.promise.catch(() => undefined)
      waiting.set(id, answer)
      const params = { name, arguments: args, _meta: META }
      const line = `${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`
      if (input === undefined) stdin?.write(line)
      else writeSync(input, line)
      return answer.promise
    },
    endInput: () => void stdin?.end(),
    read,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(said)) resolve()
          else if (stderrEnded) reject(new Error(`stderr ended without ${pattern}: ${said}`))
          else return
          listening.delete(look)
        }
        listening.add(look)
        look()
      })
    },
    get stderr() {
      return said
    },
    lines,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** The text a call was answered with. */
export function textOf(answer: Answer): string | undefined {
  return answer.result?.content[0]?.text
}
