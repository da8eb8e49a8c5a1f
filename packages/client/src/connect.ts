import type { Implementation } from '@bao-mcp/protocol'
import {
  type Clock,
  ConnectionError,
  checkTimeLimits,
  DEFAULT_MAX_INPUT_ROUNDS,
  DEFAULT_MAX_TOTAL_TIMEOUT_MS,
  type LogLevel,
  type Notice,
  type PeerOptions,
  type Stray,
  systemClock,
} from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { Client } from './client.ts'
import { negotiate, oursFor, type Prior } from './eras/negotiate.ts'
import { createVerdicts, type Verdicts } from './eras/verdicts.ts'
import { type ClientExtension, createExtensions } from './extension.ts'
import { createFace, type FaceOptions } from './face.ts'
import { follow } from './follow.ts'
import { createInputs, type InputHandlers } from './input-handlers.ts'
import { guarded } from './listeners.ts'
import type { Transport } from './transports/transport.ts'

/** Milliseconds until a connection must be open. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000
/** Milliseconds the first question waits for an answer before the older handshake is tried. */
export const DEFAULT_PROBE_TIMEOUT_MS = 3_000
/** Who servers are told they talk to, unless `info` says otherwise. */
export const DEFAULT_CLIENT_INFO: Implementation = { name: '@bao-mcp/client', version: '0.1.0' }

/** How a server is spoken to: who asks, in which era, how long it may take, and who answers the server's questions. */
export interface ConnectOptions extends FaceOptions {
  /** Who the server is told it talks to. */
  info?: Implementation
  /** What is known of the server from before, such as an earlier client or what was kept of it as JSON: spares asking again. */
  prior?: Prior | undefined
  /** Speaks one era or one version only, and asks for nothing else. Default: what the server speaks, newest first. */
  pin?: Era | (string & {})
  /** Milliseconds a call waits for its answer or its next notice. Default 60 s. */
  timeoutMs?: number
  /** Milliseconds a call may take in all, whatever progress is reported or input is gathered. Default 15 min. */
  maxTotalTimeoutMs?: number
  /** Milliseconds a server may leave `server/discover` unanswered before it is taken for an older one. Default 3 s. */
  probeTimeoutMs?: number
  /** Milliseconds until the connection must be open; past it the server is ended before the failure is told. Default 30 s. */
  connectTimeoutMs?: number
  /** Gives the connecting up, and ends the server before that is told; an open connection is not affected. */
  signal?: AbortSignal
  /** Answers what the server asks. The presence of a handler is the capability that is declared. */
  on?: InputHandlers
  /** What is spoken beyond the core protocol, where the server does as well. Default: nothing. */
  extensions?: readonly ClientExtension[]
  /** Rounds of questions about one request before it is given up. Default 10. */
  maxInputRounds?: number
  /** Least severe level of log messages that are wanted. Default: none where the protocol leaves that to the client. */
  logLevel?: LogLevel
  /** Hears of what arrived and fits nothing. */
  onStray?: (stray: Stray) => void
  /** Hears what a handler of `on` threw where the server is only told of an internal error. */
  onHandlerError?: (error: unknown, method: string) => void
  clock?: Clock
  /** Gives numbers between 0 and 1, which waiting times are scattered by. */
  random?: () => number
  /** Where it is remembered which servers end on being asked. Default: one memory for the whole process. */
  verdicts?: Verdicts
}

const processVerdicts = createVerdicts()

/**
 * Opens a connection and finds out which protocol version the server speaks.
 * @throws {TypeError} for what is no transport, and for a time limit that is no number of milliseconds
 * @throws {ServerStartError} when the server cannot be started, or ends before the connection is open
 * @throws {NegotiationError} when both sides share no version
 * @throws {RpcError} when the server refuses to talk
 * @throws {ConnectionError} with the code `timeout` past `connectTimeoutMs`
 * @throws the signal's reason
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 */
export async function connect(transport: Transport, options: ConnectOptions = {}): Promise<Client> {
  const { clock = systemClock, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options
  checkTransport(transport)
  checkTimeLimits({
    timeoutMs: options.timeoutMs,
    maxTotalTimeoutMs: options.maxTotalTimeoutMs,
    probeTimeoutMs: options.probeTimeoutMs,
    connectTimeoutMs,
  })
  const ours = oursFor(options.pin)
  const stray = guarded(options.onStray)
  const inputs = createInputs(options.on)
  const extensions = createExtensions(options.extensions)
  const maxTotalTimeoutMs = options.maxTotalTimeoutMs ?? DEFAULT_MAX_TOTAL_TIMEOUT_MS
  const random = options.random ?? Math.random
  const report = (message: string): void => stray({ kind: 'invalid', message })
  const extensionsHear = guarded(extensions?.hear)
  const completed = (notice: Notice): void => {
    inputs.hear(notice)
    extensionsHear(notice)
  }
  const face = createFace(transport, options, { clock, random, maxTotalTimeoutMs, report, completed })
  using limit = timeLimit(transport, connectTimeoutMs, clock, options.signal)
  const session = await negotiate(transport, {
    ours,
    side: {
      info: options.info ?? DEFAULT_CLIENT_INFO,
      inputs,
      extensions,
      logLevel: options.logLevel,
      maxInputRounds: options.maxInputRounds ?? DEFAULT_MAX_INPUT_ROUNDS,
      maxTotalTimeoutMs,
      clock,
      random,
      hear: face.hear,
      missed: face.missed,
      stray,
    },
    peer: peerOptions(options, clock, stray),
    probeTimeoutMs: options.probeTimeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS,
    verdicts: options.verdicts ?? processVerdicts,
    prior: options.prior,
    signal: limit.signal,
  })
  const client = face.over(session)
  try {
    extensions?.attach(client)
  } catch (error) {
    await client.close()
    throw error
  }
  return client
}

function checkTransport(transport: unknown): void {
  if (
    typeof transport === 'object' &&
    transport !== null &&
    'open' in transport &&
    typeof transport.open === 'function'
  )
    return
  const got = transport instanceof URL || typeof transport === 'string' ? 'a URL or text' : shapeOf(transport)
  throw new TypeError(
    `the first argument of connect must be a transport, such as http(url) or stdio({ … }), got ${got}`,
  )
}

function shapeOf(value: unknown): string {
  return value === null ? 'null' : `${typeof value === 'object' ? 'an object without open()' : typeof value}`
}

function peerOptions(options: ConnectOptions, clock: Clock, onStray: (stray: Stray) => void): PeerOptions {
  const { timeoutMs, maxTotalTimeoutMs, onHandlerError } = options
  const onInternalError = guarded(onHandlerError)
  return {
    clock,
    onStray,
    onInternalError: (error, method) => onInternalError(error.cause, method),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxTotalTimeoutMs !== undefined && { maxTotalTimeoutMs }),
  }
}

/** A signal that aborts with the caller's own, or when the time is up. Disposing ends both. */
function timeLimit(
  transport: Transport,
  ms: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Disposable & { signal: AbortSignal } {
  const limit = follow(signal)
  const stop = clock.after(ms, () => {
    const message = `${transport.name} did not open a conversation within ${ms} ms (connectTimeoutMs)`
    limit.controller.abort(new ConnectionError('timeout', message))
  })
  return {
    signal: limit.signal,
    [Symbol.dispose]() {
      stop()
      limit[Symbol.dispose]()
    },
  }
}
