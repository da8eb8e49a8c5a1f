import { systemClock } from '@bao-mcp/protocol/engine'
import { processHost } from '#runtime/process'
import { atLeast } from '../at-least.ts'
import type { TlsOptions } from '../runtime/port.ts'
import type { Server } from '../server.ts'
import { createLogger, type LogThreshold } from '../stdio/log.ts'
import { metadataPaths } from './auth/resource-uri.ts'
import { httpHandler } from './handler.ts'
import { type HttpServer, hostHandler } from './host.ts'
import { isLoopbackName } from './loopback.ts'
import { DEFAULT_MAX_BODY_BYTES, DEFAULT_STALLED_READER_MS, type HttpOptions } from './options.ts'

const DEFAULT_PORT = 3000
const HIGHEST_PORT = 65_535
const DEFAULT_DRAIN_GRACE_MS = 5000
const DEFAULT_LINGER_MS = 250

export interface ServeHttpOptions extends HttpOptions {
  /** Default 3000; 0 takes any that is free. */
  port?: number
  /** The address to listen on. Default `127.0.0.1`, which only this machine reaches. */
  hostname?: string
  /** Where clients find the server. Default `/mcp`. */
  path?: string
  /** Milliseconds that running calls are given when the end is asked for. Default 5 s. */
  drainGraceMs?: number
  /** Milliseconds the process is given to end by itself when all is over, before it is ended. Default 250. */
  lingerMs?: number
  /** False leaves signals, exceptions and exits to the program around. Default true. */
  ownsProcess?: boolean
  /** What the default log shows: this level and everything graver. Default: `BAO_LOG`, else `info`. */
  logLevel?: LogThreshold
  /** Serves HTTPS. Default: plain HTTP. */
  tls?: TlsOptions
  /** Lets several processes listen on one port, where the system can. */
  reusePort?: boolean
}

/**
 * Serves a definition over Streamable HTTP on a port of its own, and looks after the process meanwhile.
 *
 * SIGTERM and SIGINT end it in good order: nobody new is let in, running calls are answered within `drainGraceMs`, streams
 * end, and the process exits with 0; with 1 after an uncaught exception, and at once with 130 or 143 on a second signal. An
 * unhandled rejection is logged and ends nothing. `close()` does the same and leaves the process running.
 * @throws {HttpListenError} when the port cannot be listened on, as when it is in use
 * @throws {TypeError} for an option that cannot be, and on runtimes other than Bun and Node
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http
 */
export async function serveHttp(server: Server, options: ServeHttpOptions = {}): Promise<HttpServer> {
  const {
    port = DEFAULT_PORT,
    hostname = '127.0.0.1',
    path = '/mcp',
    maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
    clock = systemClock,
  } = options
  if (!Number.isInteger(port) || port < 0 || port > HIGHEST_PORT) {
    const got = typeof port === 'string' ? `the string ${JSON.stringify(port)}, as environment variables are` : port
    throw new TypeError(`port must be a whole number from 0 to ${HIGHEST_PORT}, got ${got}`)
  }
  if (URL.parse(path, 'http://localhost')?.pathname !== path) {
    throw new TypeError(`path must be the path of a URL, as /mcp is, got ${JSON.stringify(path)}`)
  }
  const drainGraceMs = atLeast(0, 'drainGraceMs', options.drainGraceMs ?? DEFAULT_DRAIN_GRACE_MS)
  const log =
    options.log ?? createLogger({ usual: 'info', ...(options.logLevel !== undefined && { level: options.logLevel }) })

  const http = await hostHandler(httpHandler(server, { ...options, log, clock }), {
    port,
    hostname,
    path,
    maxBodyBytes,
    stalledReaderMs: options.stalledReaderMs ?? DEFAULT_STALLED_READER_MS,
    drainGraceMs,
    clock,
    log,
    host: processHost,
    ownsProcess: options.ownsProcess ?? true,
    lingerMs: options.lingerMs ?? DEFAULT_LINGER_MS,
    metadataPaths: options.auth === undefined ? [] : metadataPaths(options.auth.resource),
    ...(options.tls !== undefined && { tls: options.tls }),
    ...(options.reusePort !== undefined && { reusePort: options.reusePort }),
  })
  log.info(`listening on ${http.url}`)
  if (!isLoopbackName(hostname) && options.allowedHosts === undefined) {
    log.warning(
      `listening on ${hostname}, but requests to other hosts than localhost, 127.0.0.1 and [::1] are refused: say under ` +
        `which names this server is reached (allowedHosts), or 'any' where something in front checks them`,
    )
  }
  return http
}
