import type { Tool } from '@bao-mcp/protocol'
import type { Clock } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Authorizer } from '../auth/authorizer.ts'
import type { Prior } from '../eras/negotiate.ts'
import type { HttpClientOptions } from '../http/options.ts'
import type { InputHandlers } from '../input-handlers.ts'
import { http, sse } from '../transports/http.ts'
import { type StdioOptions, stdio } from '../transports/stdio.ts'
import type { Transport } from '../transports/transport.ts'
import { type AdaptiveIdleStop, DEFAULT_MAX_IDLE_STOP_MS, DEFAULT_MIN_IDLE_STOP_MS } from './idle-stop.ts'
import { ManagerError } from './manager-error.ts'
import type { Pinning } from './pin-options.ts'
import type { RestartOptions } from './restarts.ts'
import { stableText } from './stable-text.ts'

/** Calls that one server over HTTP runs at a time. */
export const DEFAULT_MAX_IN_FLIGHT_HTTP = 8
/** Calls that one local server runs at a time. */
export const DEFAULT_MAX_IN_FLIGHT_STDIO = 4
/** Calls of one server that wait for their turn. */
export const DEFAULT_MAX_QUEUED = 64
/** Milliseconds a call waits for its turn. */
export const DEFAULT_QUEUE_TIMEOUT_MS = 60_000
/** Milliseconds a call waits for a server that is starting or coming back. */
export const DEFAULT_START_WAIT_MS = 30_000
/** Milliseconds after which an idle server is asked for a sign of life. */
export const DEFAULT_HEALTH_INTERVAL_MS = 30_000
/** Milliseconds a server has to give a sign of life. */
export const DEFAULT_HEALTH_TIMEOUT_MS = 5_000

/** What is known of a server from before: enough to list its tools without starting it. JSON. */
export interface ServerManifest {
  readonly tools: readonly Tool[]
  /** Spares asking a modern server what it is. */
  readonly prior?: Prior | undefined
}

/** What is different for one tool of a server; milliseconds. */
export interface ToolOptions {
  readonly timeoutMs?: number | undefined
  readonly maxTotalTimeoutMs?: number | undefined
}

/** How one server is treated. All times are milliseconds. */
export interface ServerOptions {
  /** A call waits so long for its answer or its next notice. Default 60 s. */
  readonly timeoutMs?: number | undefined
  /** A call may take so long in all. Default 15 min. */
  readonly maxTotalTimeoutMs?: number | undefined
  /** The connection must be open by then. Default 30 s. */
  readonly connectTimeoutMs?: number | undefined
  /** A call waits so long for a server that is starting or coming back. Default 30 s. */
  readonly startWaitMs?: number | undefined
  /** What is different for single tools. */
  readonly tools?: Readonly<Record<string, ToolOptions>> | undefined
  /** Calls that run at a time. Default 8 over HTTP, 4 otherwise. */
  readonly maxInFlight?: number | undefined
  /** Calls that wait for their turn; past it they fail at once. Default 64. */
  readonly maxQueued?: number | undefined
  /** A call waits so long for its turn. Default 60 s. */
  readonly queueTimeoutMs?: number | undefined
  /** Places the server is told to work in; overrides `on.roots`. */
  readonly roots?: InputHandlers['roots'] | undefined
  /** Answers what the server asks. */
  readonly on?: InputHandlers | undefined
  /** Tools that are let through; `*` stands for any characters. Default: all. */
  readonly allow?: readonly string[] | undefined
  /** Tools that are not, whatever `allow` says. */
  readonly deny?: readonly string[] | undefined
  /** Starts with the first call. Default false. */
  readonly lazy?: boolean | undefined
  readonly manifest?: ServerManifest | undefined
  /**
   * Stops the server after so long without a call, a subscription or a question. `adaptive`, or the bounds for it: the
   * more often it is used, and the longer it takes to start, the longer it is kept. Default: never.
   */
  readonly idleStopMs?: number | 'adaptive' | AdaptiveIdleStop | undefined
  /** Whether its tools are compared with those that were accepted. Default: as the manager says. */
  readonly pinning?: Pinning | undefined
  readonly restart?: RestartOptions | undefined
  /** Failures in a row after which it is left alone (default 5), and for how long (default 30 s). */
  readonly breaker?: { readonly failures?: number | undefined; readonly cooldownMs?: number | undefined } | undefined
  /** How often an idle server is asked for a sign of life; 0 for never. Default 30 s. */
  readonly healthIntervalMs?: number | undefined
  /** How long it has to give it. Default 5 s. */
  readonly healthTimeoutMs?: number | undefined
  /**
   * Whether the server's own word that a tool is read-only or idempotent suffices to send a call again that may have run.
   * False also keeps calls from being sent again on the same connection. Default true.
   */
  readonly trustAnnotations?: boolean | undefined
  /** Speaks one era or version only. */
  readonly pin?: Era | (string & {}) | undefined
  /** How long it is waited for an answer to the first question. Default 3 s. */
  readonly probeTimeoutMs?: number | undefined
}

/** A local server. */
export interface StdioServer extends ServerOptions, Omit<StdioOptions, 'stderr'> {
  readonly type?: 'stdio' | undefined
  readonly stderr?: StdioOptions['stderr']
}

/** A server under a URL: Streamable HTTP, or HTTP with server-sent events of 2024. */
export interface HttpServer extends ServerOptions, Omit<HttpClientOptions, 'clock' | 'random'> {
  readonly type: 'http' | 'sse'
  readonly url: string | URL
  readonly auth?: Authorizer
}

/** Where a server is and how it is treated; a {@link Transport} says only the first. */
export type ServerConfig = Transport | StdioServer | HttpServer

/** A server's configuration for people: secrets are replaced by `***`. JSON. */
export interface ShownConfig {
  readonly type: 'stdio' | 'http' | 'sse' | 'transport'
  /** `stdio: bun server.ts`, `http: https://…`. */
  readonly transport: string
  readonly cwd?: string
  /** Names of variables; never their values. */
  readonly env?: Readonly<Record<string, '***'>>
  readonly headers?: Readonly<Record<string, '***'>> | '***'
  readonly auth?: '***'
}

/** A configuration that was read. */
export interface NormalServer {
  readonly transport: Transport
  readonly options: ServerOptions
  readonly isStdio: boolean
  readonly maxInFlight: number
  readonly shown: ShownConfig
  /** The same for two configurations exactly when they may share one connection. Holds secrets: compared, never shown. */
  readonly key: string
}

/**
 * Reads a configuration.
 * @throws {ManagerError} `invalid_config`
 */
export function normalise(
  name: string,
  config: ServerConfig,
  more: ServerOptions,
  { clock, random }: { clock: Clock; random: () => number },
): NormalServer {
  const options: ServerOptions = isTransport(config) ? more : { ...config, ...more }
  checkNumbers(name, options)
  const { transport, shown } = wayTo(name, config, clock, random)
  const isStdio = shown.type === 'stdio'
  return {
    transport,
    options,
    isStdio,
    maxInFlight: options.maxInFlight ?? (isStdio ? DEFAULT_MAX_IN_FLIGHT_STDIO : DEFAULT_MAX_IN_FLIGHT_HTTP),
    shown,
    key: stableText([transport.identity, transport.principal, config, options].map(withoutOwn)),
  }
}

function wayTo(
  name: string,
  config: ServerConfig,
  clock: Clock,
  random: () => number,
): { transport: Transport; shown: ShownConfig } {
  if (isTransport(config)) {
    return { transport: config, shown: { type: 'transport', transport: config.name } }
  }
  if ('url' in config && config.url !== undefined) {
    const { type, url, headers, auth } = config
    if (type !== 'http' && type !== 'sse')
      throw invalid(name, `type must be "http" or "sse" beside url, got ${shownValue(type)}`)
    const transport = attempted(name, () => (type === 'sse' ? sse : http)(url, { ...config, clock, random }))
    return {
      transport,
      shown: {
        type,
        transport: transport.name,
        ...(headers !== undefined && { headers: typeof headers === 'function' ? '***' : masked(headers) }),
        ...(auth !== undefined && { auth: '***' }),
      },
    }
  }
  if ('command' in config && typeof config.command === 'string' && config.command !== '') {
    if (config.type !== undefined && config.type !== 'stdio') {
      throw invalid(name, `type must be "stdio" beside command, got ${shownValue(config.type)}`)
    }
    const { cwd, env } = config
    const transport = stdio(config)
    return {
      transport,
      shown: {
        type: 'stdio',
        transport: transport.name,
        ...(cwd !== undefined && { cwd }),
        ...(env !== undefined && { env: masked(env) }),
      },
    }
  }
  throw invalid(name, 'it needs a command, or a type with a url')
}

/** What each owner of a shared connection may have differently. */
const OWN: ReadonlySet<string> = new Set<keyof ServerOptions>([
  ...(['tools', 'allow', 'deny', 'lazy', 'manifest', 'idleStopMs', 'restart', 'breaker', 'startWaitMs'] as const),
  ...([
    'healthIntervalMs',
    'healthTimeoutMs',
    'trustAnnotations',
    'connectTimeoutMs',
    'probeTimeoutMs',
    'pinning',
  ] as const),
])

function withoutOwn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'open' in value)
    return typeof value === 'string' ? value : undefined
  return Object.fromEntries(Object.entries(value).filter(([key]) => !OWN.has(key)))
}

function isTransport(config: ServerConfig): config is Transport {
  return 'open' in config && typeof config.open === 'function'
}

function checkNumbers(name: string, options: ServerOptions): void {
  for (const key of ['maxInFlight', 'maxQueued'] as const) {
    const value = options[key]
    const least = key === 'maxInFlight' ? 1 : 0
    if (value !== undefined && !(Number.isInteger(value) && value >= least)) {
      throw invalid(name, `${key} must be an integer of at least ${least}, got ${shownValue(value)}`)
    }
  }
  for (const key of TIMES) checkMs(name, key, options[key])
  for (const [tool, { timeoutMs, maxTotalTimeoutMs }] of Object.entries(options.tools ?? {})) {
    checkMs(name, `tools[${JSON.stringify(tool)}].timeoutMs`, timeoutMs)
    checkMs(name, `tools[${JSON.stringify(tool)}].maxTotalTimeoutMs`, maxTotalTimeoutMs)
  }
  const { failures, cooldownMs } = options.breaker ?? {}
  if (failures !== undefined && !(failures >= 1)) {
    throw invalid(name, `breaker.failures must be at least 1, got ${shownValue(failures)}`)
  }
  checkMs(name, 'breaker.cooldownMs', cooldownMs)
  checkIdleStop(name, options.idleStopMs)
}

const TIMES = [
  ...(['timeoutMs', 'maxTotalTimeoutMs', 'connectTimeoutMs', 'probeTimeoutMs', 'startWaitMs'] as const),
  ...(['queueTimeoutMs', 'healthIntervalMs', 'healthTimeoutMs'] as const),
]

function checkMs(name: string, key: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return
  throw invalid(name, `${key} must be milliseconds, got ${shownValue(value)}`)
}

function checkIdleStop(name: string, value: ServerOptions['idleStopMs']): void {
  if (value === 'adaptive') return
  if (typeof value !== 'object' || value === null) return checkMs(name, 'idleStopMs', value)
  const { minMs = DEFAULT_MIN_IDLE_STOP_MS, maxMs = DEFAULT_MAX_IDLE_STOP_MS } = value
  checkMs(name, 'idleStopMs.minMs', minMs)
  checkMs(name, 'idleStopMs.maxMs', maxMs)
  if (minMs > maxMs) throw invalid(name, `idleStopMs.minMs must be at most maxMs (${maxMs}), got ${minMs}`)
}

function attempted<T>(name: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw invalid(name, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function invalid(name: string, message: string, cause?: unknown): ManagerError {
  return new ManagerError('invalid_config', `the server "${name}" cannot be added: ${message}`, { server: name, cause })
}

function shownValue(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? typeof value
}

function masked(values: Readonly<Record<string, unknown>>): Record<string, '***'> {
  return Object.fromEntries(Object.keys(values).map((key) => [key, '***'] as const))
}
