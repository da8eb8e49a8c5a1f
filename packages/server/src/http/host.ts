import type { Clock } from '@bao-mcp/protocol/engine'
import { listenHttp } from '#runtime/http'
import type { EndSignal, HttpListener, ProcessHost, TlsOptions } from '../runtime/port.ts'
import type { ServerLog } from '../serving.ts'
import type { HttpHandler } from './handler.ts'
import { HttpListenError } from './listen-error.ts'
import { whenGivenUp } from './respond.ts'

/** As a shell reports a process that a signal has ended. */
const EXIT_BY_SIGNAL: Readonly<Record<EndSignal, number>> = { SIGINT: 130, SIGTERM: 143 }
/** Bytes past the handler's own limit that still reach it, so that it refuses them in its own words. */
const BODY_MARGIN_BYTES = 64 * 1024
/** How metadata is asked for, by clients and by pages; nothing else of the endpoint is found there. */
const METADATA_METHODS: ReadonlySet<string> = new Set(['GET', 'OPTIONS'])
/** Milliseconds that answers are given to leave once the handler is closed. */
const LEAVE_MS = 1000

export interface HostOptions {
  readonly port: number
  readonly hostname: string
  readonly path: string
  readonly maxBodyBytes: number
  readonly stalledReaderMs: number
  readonly drainGraceMs: number
  readonly lingerMs: number
  readonly ownsProcess: boolean
  /** Where the handler tells where tokens come from, outside its path. */
  readonly metadataPaths: readonly string[]
  readonly tls?: TlsOptions
  readonly reusePort?: boolean
  readonly log: ServerLog
  readonly clock: Clock
  readonly host: ProcessHost
}

/** A definition that is served on a port. */
export interface HttpServer extends AsyncDisposable {
  /** Where clients find it, for one on this machine. */
  readonly url: URL
  readonly port: number
  readonly handler: HttpHandler
  /** Resolves when all is over; never rejects. */
  readonly closed: Promise<void>
  /** Ends in good order: lets nobody new in, answers running calls within `drainGraceMs`, ends the streams. */
  close(): Promise<void>
}

/** Servers of this process that end it when they are over; the last one does. */
let owners = 0

/** Gives a handler a port of its own. @throws {HttpListenError} when it cannot be had; the handler is closed then */
export async function hostHandler(handler: HttpHandler, options: HostOptions): Promise<HttpServer> {
  const { path, metadataPaths, log, clock, host, drainGraceMs, ownsProcess } = options
  const over = Promise.withResolvers<void>()
  const removals: (() => void)[] = []
  let listener: HttpListener
  let exitCode: number | undefined
  let signalled = false
  let closing = false

  function answer(request: Request): Response | Promise<Response> {
    const asked = pathOf(request.url)
    if (asked === path || (METADATA_METHODS.has(request.method) && metadataPaths.includes(asked)))
      return handler(request)
    return new Response(`There is nothing here; this server is found under ${path}\n`, { status: 404 })
  }

  function close(graceMs = drainGraceMs): Promise<void> {
    if (!closing) {
      closing = true
      // a call may wait for nothing that keeps the process alive, and still is owed its answer
      removals.push(host.holdOpen())
      void shutDown(graceMs).catch(failed).then(finish)
    }
    return over.promise
  }

  async function shutDown(graceMs: number): Promise<void> {
    const stopped = listener.stop()
    try {
      await handler.drain(graceMs)
      await handler.close()
      await settled(stopped, LEAVE_MS, clock)
    } finally {
      listener.abort()
    }
  }

  function failed(error: unknown): void {
    log.error('closing the HTTP server failed', error)
  }

  function finish(): void {
    for (const remove of removals) remove()
    over.resolve()
    if (!ownsProcess) return
    owners--
    if (exitCode !== undefined && owners === 0) host.exitWithin(options.lingerMs, exitCode)
  }

  function onSignal(signal: EndSignal): void {
    if (signalled) return host.exit(EXIT_BY_SIGNAL[signal])
    signalled = true
    exitCode ??= 0
    log.info(`shutting down: ${signal}`)
    void close()
  }

  function onUncaught(error: unknown): void {
    exitCode = 1
    log.error('shutting down: an uncaught exception', error)
    void close(0)
  }

  try {
    listener = await listenHttp({
      port: options.port,
      hostname: bare(options.hostname),
      maxBodyBytes: options.maxBodyBytes + BODY_MARGIN_BYTES,
      answer,
      onError: (error) => log.error('a request could not be answered', error),
      stalledReaderMs: options.stalledReaderMs,
      whenGivenUp,
      ...(options.tls !== undefined && { tls: options.tls }),
      ...(options.reusePort !== undefined && { reusePort: options.reusePort }),
    })
  } catch (error) {
    await handler.close()
    throw error instanceof TypeError ? error : new HttpListenError(options, error)
  }
  if (ownsProcess) {
    owners++
    removals.push(
      host.onSignal(onSignal),
      host.onUncaught(onUncaught),
      host.onUnhandledRejection((reason) => log.error('a promise was rejected and nobody handled it', reason)),
    )
  }
  return {
    url: urlOf(options, listener.port),
    port: listener.port,
    handler,
    closed: over.promise,
    close: () => close(),
    [Symbol.asyncDispose]: () => close(),
  }
}

/** The path of an absolute URL, without making a URL of it: every request passes here. */
function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  const end = url.indexOf('?', start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

/** Listening on all addresses has no name of its own; this machine reaches it under the usual one. */
function urlOf({ hostname, path, tls }: HostOptions, port: number): URL {
  const name = bare(hostname)
  const host = name === '0.0.0.0' || name === '::' ? 'localhost' : name.includes(':') ? `[${name}]` : name
  return new URL(`${tls === undefined ? 'http' : 'https'}://${host}:${port}${path}`)
}

/** An address of version 6 as sockets want it. */
function bare(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname
}

async function settled(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(ms, resolve)
  try {
    await Promise.race([work, promise])
  } finally {
    cancel()
  }
}
