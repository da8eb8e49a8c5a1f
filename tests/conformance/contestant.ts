import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const serverFile = fileURLToPath(new URL('./server.ts', import.meta.url))
const clientFile = fileURLToPath(new URL('./client.ts', import.meta.url))
const shimFile = fileURLToPath(new URL('./client-shim.ts', import.meta.url))
const startLimitMs = 10_000

/** Our server in a process of its own. */
export interface ServerContestant extends AsyncDisposable {
  readonly url: string
  /** How it ended, if it did before it was told to. */
  readonly fate: string | undefined
}

/** Whether there is a client to judge. */
export const hasClient: boolean = existsSync(clientFile)

/** The command that the referee starts once for each client scenario. It splits it at blanks. */
export function clientCommand(exitLog: string): string {
  return [process.execPath, shimFile, exitLog, process.execPath, clientFile].join(' ')
}

/**
 * Starts our server on a free port and waits until it says where it listens.
 *
 * @param log gets what it writes to standard error
 * @param file the server to start; it takes its port from PORT and says its URL in a first line
 * @throws {Error} when it ends, or says nothing in time
 */
export async function startServer(log: string, file: string = serverFile): Promise<ServerContestant> {
  const stderr = openSync(log, 'w')
  const child = Bun.spawn([process.execPath, file], {
    env: { ...process.env, PORT: '0' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr,
  })
  closeSync(stderr)
  const end = (): void => child.kill('SIGKILL')
  process.once('exit', end)
  const timer = setTimeout(end, startLimitMs)
  const url = await firstLine(child.stdout)
  clearTimeout(timer)
  if (url === '') {
    throw new Error(`the server ended with code ${await child.exited} before it listened; its log is ${log}`)
  }
  return {
    url,
    get fate() {
      if (child.exitCode === null && child.signalCode === null) return undefined
      return `the server ended by itself with ${child.signalCode ?? `code ${child.exitCode}`}; its log is ${log}`
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', end)
      end()
      await child.exited
    },
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  while (!text.includes('\n')) {
    const { value, done } = await reader.read()
    if (done) return ''
    text += decoder.decode(value, { stream: true })
  }
  reader.releaseLock()
  return text.slice(0, text.indexOf('\n'))
}
