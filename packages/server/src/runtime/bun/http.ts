import type { HttpListener, HttpListenOptions } from '../port.ts'

/** Bun speaks Node's HTTP interface as well. */
export { nodeHandler } from '../node/node-handler.ts'

/**
 * Seconds a connection may stay silent between two requests, and a whole answer may take to leave: Bun counts the latter as
 * silence, however fast the client reads. A connection that sends no complete head is ended by Bun after some 12 seconds.
 */
const IDLE_SECONDS = 240
/** Seconds a connection is left to a reader that was given up. */
const GIVEN_UP_SECONDS = 1
/** Seconds without a limit. */
const FOR_EVER = 0

/** Listens on a port. @throws {Error} with `code` (`EADDRINUSE`) when it cannot */
export async function listenHttp(options: HttpListenOptions): Promise<HttpListener> {
  const { answer, onError, whenGivenUp, port, hostname, tls, reusePort = false, maxBodyBytes } = options

  const server = Bun.serve({
    port,
    hostname,
    reusePort,
    ...(tls !== undefined && { tls }),
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: maxBodyBytes,
    development: false,
    fetch(request) {
      // a handler may work for as long as it likes: Bun counts neither what is sent nor what is computed as activity
      server.timeout(request, FOR_EVER)
      const response = answer(request)
      return response instanceof Promise
        ? response.then((settled) => finish(request, settled))
        : finish(request, response)
    },
    error(error) {
      onError(error)
      return new Response(null, { status: 500 })
    },
  })

  /** What follows this response on its connection is bounded again. */
  function finish(request: Request, response: Response): Response {
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
      // nothing tells when a stream is over, so its connection ends with it
      response.headers.set('connection', 'close')
      // a stream that fails leaves its connection open until the client reads on, which it may never do
      whenGivenUp(response, () => server.timeout(request, GIVEN_UP_SECONDS))
    } else server.timeout(request, IDLE_SECONDS)
    return response
  }

  return {
    // proof: a server that was not given a Unix socket has a port
    port: server.port as number,
    stop: () => server.stop(),
    abort: () => void server.stop(true),
  }
}
