import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Loopback, LoopbackOptions } from '../auth-types.ts'

/** Longest head of a request that is read; a redirect holds a code and little else. */
const MAX_HEAD_BYTES = 16 * 1024
const REQUEST_MS = 10_000

/** Listens for the browser of this machine. Requests under any other name than the one listened on are refused. */
export function listenOnLoopback({ hostname, port, answer }: LoopbackOptions): Promise<Loopback> {
  return new Promise((resolve, reject) => {
    const server = createServer(
      { maxHeaderSize: MAX_HEAD_BYTES, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
      (request, response) => {
        // proof: it listens on a port, so it has an address of this kind
        const own = (server.address() as AddressInfo | null)?.port
        // a page elsewhere whose name was made to lead here must not get an answer
        const known = request.headers.host === `${hostname}:${own}`
        const { status, html } =
          known && request.method === 'GET' ? answer(request.url ?? '/') : { status: 400, html: '' }
        response.writeHead(status, {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': "default-src 'none'",
          'referrer-policy': 'no-referrer',
          connection: 'close',
        })
        response.end(html)
      },
    )
    server.once('error', reject)
    server.listen(port, hostname.replace(/^\[(.*)\]$/, '$1'), () => {
      server.off('error', reject)
      // proof: it listens on a port
      const address = server.address() as AddressInfo
      resolve({
        port: address.port,
        [Symbol.asyncDispose]: () =>
          new Promise((done) => {
            server.close(() => done())
            // a browser opens connections ahead that it may never use; what was answered is on its way already
            server.closeAllConnections()
          }),
      })
    })
  })
}
