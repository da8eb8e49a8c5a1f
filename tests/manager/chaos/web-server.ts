import type { Fault } from '../../client-http/fault-plan.ts'
import { type FaultProxy, openFaultProxy, type Passing } from '../../client-http/fault-proxy.ts'
import type { Member } from './roster.ts'

/** A server over HTTP in a process of its own, which keeps its port over restarts, and perhaps a bad way to it. */
export interface WebServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** Ports that are listened on for it. */
  readonly ports: readonly number[]
  /** Ends the process at once; from then on connections are refused. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Decides what happens to requests from now on; only where there is a way in between. */
  rule: (passing: Passing) => Fault
  /** Sessions that requests were sent in so far. */
  readonly sessions: ReadonlySet<string>
}

export const NO_FAULT: Fault = { kind: 'none' }
/** What the proxy writes anew. */
const OF_THE_WAY = ['host', 'connection', 'transfer-encoding', 'content-length', 'keep-alive']

export interface WebServerOptions {
  readonly env: Readonly<Record<string, string>>
  /** Whether there is a proxy before it. */
  readonly isProxied: boolean
}

/** Resolves when it listens. */
export async function startWebServer(member: Member, { env, isProxied }: WebServerOptions): Promise<WebServer> {
  const sessions = new Set<string>()
  let child: ReturnType<typeof spawn> | undefined
  let port = 0
  let proxy: FaultProxy | undefined

  function spawn() {
    return Bun.spawn([process.execPath, member.script, 'http', String(port)], {
      env: { ...process.env, ...env, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  async function start(): Promise<void> {
    child = spawn()
    port = await portOf(member, child.stderr)
  }

  async function kill(): Promise<void> {
    child?.kill('SIGKILL')
    await child?.exited
  }

  async function serve(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const { method, signal } = request
    const body = method === 'POST' ? await request.text() : null
    const init = { method, headers: endToEnd(request.headers), signal, body }
    const answer = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, init)
    return new Response(answer.body, { status: answer.status, headers: endToEnd(answer.headers) })
  }

  await start()
  const server: Omit<WebServer, 'url'> = {
    get pid() {
      return child?.pid ?? 0
    },
    get ports() {
      return [port, ...(proxy === undefined ? [] : [Number(new URL(proxy.origin).port)])]
    },
    sessions,
    rule: () => NO_FAULT,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill()
      await proxy?.[Symbol.asyncDispose]()
    },
  }
  if (isProxied) {
    proxy = await openFaultProxy({
      serve,
      faultOf(passing) {
        const session = sessionOf(passing)
        if (session !== undefined) sessions.add(session)
        return server.rule(passing)
      },
    })
  }
  const origin = proxy?.origin ?? `http://127.0.0.1:${port}`
  return Object.assign(server, { url: `${origin}/${member.way === 'sse' ? 'sse' : 'mcp'}` })
}

/** The session a request is sent in. */
export function sessionOf({ headers, path }: Passing): string | undefined {
  return headers.get('mcp-session-id') ?? new URLSearchParams(path.split('?')[1]).get('sessionId') ?? undefined
}

function endToEnd(headers: Headers): Headers {
  const left = new Headers(headers)
  for (const name of OF_THE_WAY) left.delete(name)
  return left
}

async function portOf({ name }: Member, stderr: ReadableStream<Uint8Array>): Promise<number> {
  const listening = Promise.withResolvers<number>()
  void (async () => {
    const decoder = new TextDecoder()
    let text = ''
    // all of it is read, or the server would block
    for await (const chunk of stderr) {
      text += decoder.decode(chunk, { stream: true })
      const [, port] = /listening on http:\/\/[^/\s]*:(\d+)/.exec(text) ?? []
      if (port !== undefined) listening.resolve(Number(port))
    }
    listening.reject(new Error(`${name} ended before it listened: ${text}`))
  })()
  return listening.promise
}
