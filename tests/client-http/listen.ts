/** A server that answers by a function and remembers what it was asked. */
export interface Listening extends AsyncDisposable {
  readonly url: URL
  /** What was asked, such as `POST tools/call`, in order. */
  readonly asked: string[]
}

export interface ListenOptions {
  port?: number
  path?: string
}

/** Listens on loopback. */
export function listen(
  answer: (request: Request, method: string) => Response | Promise<Response>,
  { port = 0, path = '/mcp' }: ListenOptions = {},
): Listening {
  const asked: string[] = []
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      const text = await request.clone().text()
      const method = methodOf(text)
      asked.push(`${request.method} ${method}`.trim())
      return answer(request, method)
    },
  })
  return {
    url: new URL(path, server.url),
    asked,
    async [Symbol.asyncDispose]() {
      await server.stop(true)
    },
  }
}

function methodOf(text: string): string {
  if (!text.startsWith('{')) return ''
  const message: { method?: unknown } = JSON.parse(text)
  return String(message.method ?? 'answer')
}
