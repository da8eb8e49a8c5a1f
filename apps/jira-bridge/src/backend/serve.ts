import { BRIDGE_VARIABLES } from '../client/bridge-command.ts'
import { JiraClient, type JiraConnectOptions } from '../client/jira-client.ts'
import { createApp, DEFAULT_MAX_BODY_BYTES, DEFAULT_REQUEST_TIMEOUT_MS } from './app.ts'
import type { AllowedHosts } from './callers.ts'
import type { Log } from './request-log.ts'

export const DEFAULT_PORT = 8080
export const DEFAULT_HOST = '127.0.0.1'
/** Milliseconds running requests have to finish when the service ends. */
export const DEFAULT_DRAIN_MS = 10_000
/** Milliseconds a request waits for a Jira server that is coming back, before it is told to ask again. */
export const DEFAULT_START_WAIT_MS = 1_000
/** Milliseconds the answers of requests that were broken off have to leave. */
const FLUSH_MS = 1_000
/** Longest idle time of a connection that the runtime takes, in seconds. */
const MOST_IDLE_SECONDS = 255

/** States of the Jira server somebody may want to know of. */
const TROUBLE: ReadonlySet<string> = new Set(['backing-off', 'degraded', 'failed', 'needs-auth', 'quarantined'])

export interface BackendOptions {
  /** 0 takes a free one. Default 8080. */
  readonly port?: number | undefined
  /** Default 127.0.0.1. */
  readonly hostname?: string | undefined
  /** Names it is called by, beside its address and those of this machine; `'any'` where something before it checks them. */
  readonly allowedHosts?: AllowedHosts | undefined
  /** The Jira server; default: this project's bridge. */
  readonly jira?: JiraConnectOptions | undefined
  readonly log: Log
  readonly requestTimeoutMs?: number | undefined
  readonly maxBodyBytes?: number | undefined
  readonly drainMs?: number | undefined
}

export interface Backend extends AsyncDisposable {
  readonly url: string
  /** One for the life of the service. */
  readonly jira: JiraClient
  /** Takes no more requests, finishes those that run within `drainMs`, and ends the Jira server. */
  close(): Promise<void>
}

/**
 * Starts the service. It listens at once; `/ready` says when the Jira server is connected, which is started again
 * whenever it ends.
 * @throws {Error} when the port is taken
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { port = DEFAULT_PORT, hostname = DEFAULT_HOST, log, drainMs = DEFAULT_DRAIN_MS } = options
  const { requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options
  const jira = await JiraClient.connect({
    mustStart: false,
    startWaitMs: DEFAULT_START_WAIT_MS,
    // it is there for as long as this service, whatever happens to it
    restart: { max: Number.MAX_SAFE_INTEGER },
    inheritEnv: BRIDGE_VARIABLES,
    stderr: (line) => log({ level: 'info', event: 'jira-server-says', line }),
    onState: ({ from, to, reason }) =>
      log({ level: TROUBLE.has(to) ? 'warn' : 'info', event: 'jira-server-state', from, to, reason }),
    ...options.jira,
  })
  const { app, inFlight } = createApp({
    jira,
    log,
    hostname,
    allowedHosts: options.allowedHosts,
    requestTimeoutMs,
    maxBodyBytes,
  })

  function listen(): Bun.Server<undefined> {
    return Bun.serve({
      port,
      hostname,
      // the deadline of a request ends it, and not the silence of its connection
      idleTimeout: Math.min(MOST_IDLE_SECONDS, Math.ceil(requestTimeoutMs / 1_000) + 5),
      fetch: (request) => app.fetch(request),
    })
  }

  let server: Bun.Server<undefined>
  try {
    server = listen()
  } catch (error) {
    await jira.close()
    throw error
  }
  const url = server.url.href.replace(/\/$/, '')
  log({ level: 'info', event: 'listening', url })

  async function end(): Promise<void> {
    log({ level: 'info', event: 'ending', inFlight: inFlight.count })
    inFlight.drain()
    const ended = server.stop()
    if (!(await within(inFlight.idle(), drainMs))) inFlight.abortAll('the service is shutting down')
    // answers leave before connections that are merely kept open are cut
    await within(ended, FLUSH_MS)
    await server.stop(true)
    await jira.close()
    log({ level: 'info', event: 'ended' })
  }

  let ending: Promise<void> | undefined
  const close = (): Promise<void> => {
    ending ??= end()
    return ending
  }
  return { url, jira, close, [Symbol.asyncDispose]: close }
}

/** Whether something ends in time. */
async function within(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, limitMs, false)
  try {
    return await Promise.race([work.then(() => true as const), promise])
  } finally {
    clearTimeout(timer)
  }
}
