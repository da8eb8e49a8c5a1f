import { pinned } from './cores.ts'
import type { HttpRequest } from './http-wire.ts'
import { lastWords } from './last-words.ts'
import { splitLines } from './lines.ts'

/** A contestant that serves HTTP in a process of its own. */
export interface HttpServer extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  readonly url: string
  send(request: HttpRequest): Promise<Response>
  /** Resolves when the server has collected its garbage, several times over. */
  collect(): Promise<void>
}

const READY_WITHIN_MS = 20_000
/** What one collection finds unreachable may be held until the next. */
const COLLECTIONS = 3

/** Starts a contestant of {@link ./http-harness.ts}.
 *  @throws {Error} when it ends or stays silent */
export async function startHttpServer(command: readonly string[], core?: number): Promise<HttpServer> {
  const child = Bun.spawn(pinned(command, core), { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })
  const stderr = new Response(child.stderr).text()
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  const waiting: string[] = []
  const split = splitLines()

  const line = async (): Promise<string> => {
    for (;;) {
      const next = waiting.shift()
      if (next !== undefined) return next
      const { done, value } = await lines.read()
      if (done) throw new Error(`the server ended with code ${await child.exited}: ${lastWords(await stderr)}`)
      split(value, (text) => waiting.push(text))
    }
  }

  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await child.exited
  }

  const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS)
  try {
    const port = Number(/^port (\d+)$/.exec(await line())?.[1])
    const url = `http://127.0.0.1:${port}/mcp`
    return {
      pid: child.pid,
      port,
      url,
      send: (request) => fetch(url, request),
      async collect() {
        for (let time = 0; time < COLLECTIONS; time++) {
          child.stdin.write('collect\n')
          await child.stdin.flush()
          await line()
        }
      },
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
