import type { Server, ServerOptions } from 'node:http'
import type { SecureContextOptions } from 'node:tls'
import type { HttpListener, HttpListenOptions, TlsOptions } from '../port.ts'
import { nodeHandler } from './node-handler.ts'

export { nodeHandler }

/** Milliseconds in which the head of a request, and a whole request, must have come. */
const HEAD_MS = 15_000
const REQUEST_MS = 120_000
/** Milliseconds a connection may stay silent between two requests; proxies let go after a minute, and should be first. */
const IDLE_MS = 75_000

/** Listens on a port. @throws {Error} with `code` (`EADDRINUSE`) when it cannot */
export async function listenHttp(options: HttpListenOptions): Promise<HttpListener> {
  const { port, hostname, tls, reusePort = false, answer, onError, stalledReaderMs } = options
  const timeouts: ServerOptions = { headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS }
  // loaded by whoever listens, not by whoever loads this package
  const server =
    tls === undefined
      ? (await import('node:http')).createServer(timeouts)
      : (await import('node:https')).createServer({ ...timeouts, ...portable(tls) })
  let stopping = false

  server.on('request', nodeHandler(answer, { onError, stalledReaderMs }))
  server.on('request', (_request, response) => {
    response.once('close', () => {
      // Node ends idle connections once, when it is told to close; this one became idle later
      if (stopping) setImmediate(() => server.closeIdleConnections())
    })
  })
  await listening(server, { port, host: hostname, reusePort })
  server.on('error', onError)

  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop() {
      stopping = true
      return new Promise((resolve) => server.close(() => resolve()))
    },
    abort: () => server.closeAllConnections(),
  }
}

function listening(server: Server, where: { port: number; host: string; reusePort: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Node wants buffers. */
function portable({ key, cert, ca, passphrase }: TlsOptions): SecureContextOptions {
  return {
    key: toBuffer(key),
    cert: toBuffer(cert),
    ...(ca !== undefined && { ca: toBuffer(ca) }),
    ...(passphrase !== undefined && { passphrase }),
  }
}

function toBuffer(pem: string | Uint8Array): Buffer {
  return Buffer.from(pem)
}
