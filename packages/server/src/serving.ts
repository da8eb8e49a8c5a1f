import { type Clock, DEFAULT_MAX_INPUT_ROUNDS, systemClock } from '@bao-mcp/protocol/engine'
import { atLeast } from './at-least.ts'
import type { ImpliedScopes } from './http/auth/scopes.ts'
import { type CallLimits, createLimiter, type Limiter } from './limiter.ts'
import type { Server } from './server.ts'

/** Where a server says what its clients must not or need not know. */
export interface ServerLog {
  debug(message: string): void
  info(message: string): void
  warning(message: string): void
  /** @param cause printed with its stack, to this log only */
  error(message: string, cause?: unknown): void
}

/** Limits of one way of serving; every one has a name, a default and a row in the limits table. */
export interface ServeOptions extends CallLimits {
  /** Open subscriptions of one connection. Default 100. */
  maxSubscriptions?: number
  /** Resources one connection is told the updates of, or one subscription. Default 1000. */
  maxSubscribedUris?: number
  /** Characters of their URIs, together. Default 128 Ki. */
  maxSubscribedLength?: number
  /** Rounds of questions one call may take where this side runs them; elsewhere the client bounds them. Default 10. */
  maxRounds?: number
  /** Calls of one connection that wait for answers of the client at once, where this side waits. Default 1000. */
  maxAskingCalls?: number
  /** Milliseconds a client may take to answer one question. Default 5 minutes. */
  askTimeoutMs?: number
  /** Milliseconds a handler may hold the event loop before the log names it. Default 1000. */
  slowHandlerMs?: number
  log?: ServerLog
  clock?: Clock
}

/** What all calls served one way share: one of it per process, beside the definition. */
export interface Serving {
  readonly server: Server
  readonly log: ServerLog
  readonly clock: Clock
  readonly limiter: Limiter
  readonly maxSubscriptions: number
  readonly maxSubscribedUris: number
  readonly maxSubscribedLength: number
  readonly maxRounds: number
  readonly maxAskingCalls: number
  readonly askTimeoutMs: number
  /** What a granted scope contains besides itself. */
  readonly implies: ImpliedScopes | undefined
  /** Told how long a handler kept the event loop to itself, in milliseconds. */
  handlerHeldLoop(noun: string, name: string, ms: number): void
}

const DEFAULT_MAX_SUBSCRIPTIONS = 100
const DEFAULT_MAX_SUBSCRIBED_URIS = 1000
const DEFAULT_MAX_SUBSCRIBED_LENGTH = 128 * 1024
const DEFAULT_MAX_ASKING_CALLS = 1000
const DEFAULT_ASK_TIMEOUT_MS = 5 * 60_000
const DEFAULT_SLOW_HANDLER_MS = 1000
/** A slow handler is named at most this often. */
const REPEAT_WARNING_AFTER_MS = 60_000

/** @throws {TypeError} for a limit under which nothing could ever be served */
export function createServing(server: Server, options: ServeOptions = {}, implies?: ImpliedScopes): Serving {
  const {
    clock = systemClock,
    slowHandlerMs = DEFAULT_SLOW_HANDLER_MS,
    maxSubscriptions = DEFAULT_MAX_SUBSCRIPTIONS,
    maxSubscribedUris = DEFAULT_MAX_SUBSCRIBED_URIS,
    maxSubscribedLength = DEFAULT_MAX_SUBSCRIBED_LENGTH,
    maxRounds = DEFAULT_MAX_INPUT_ROUNDS,
    maxAskingCalls = DEFAULT_MAX_ASKING_CALLS,
    askTimeoutMs = DEFAULT_ASK_TIMEOUT_MS,
  } = options
  const log = unfailing(options.log ?? silentLog)
  const warnedAt = new Map<string, number>()

  function warnOfSlowHandler(handler: string, ms: number): void {
    const now = clock.now()
    const last = warnedAt.get(handler)
    if (last !== undefined && now - last < REPEAT_WARNING_AFTER_MS) return
    warnedAt.set(handler, now)
    log.warning(
      `${handler} held the event loop for ${Math.round(ms)} ms (slowHandlerMs ${slowHandlerMs}): ` +
        'nothing else was answered meanwhile; move the work to a Worker',
    )
  }

  return {
    server,
    log,
    clock,
    limiter: createLimiter(options),
    maxSubscriptions: atLeast(0, 'maxSubscriptions', maxSubscriptions),
    maxSubscribedUris: atLeast(0, 'maxSubscribedUris', maxSubscribedUris),
    maxSubscribedLength: atLeast(0, 'maxSubscribedLength', maxSubscribedLength),
    maxRounds: atLeast(0, 'maxRounds', maxRounds),
    maxAskingCalls: atLeast(0, 'maxAskingCalls', maxAskingCalls),
    askTimeoutMs: atLeast(1, 'askTimeoutMs', askTimeoutMs),
    implies,
    handlerHeldLoop(noun, name, ms) {
      if (ms >= slowHandlerMs) warnOfSlowHandler(`${noun} ${JSON.stringify(name)}`, ms)
    },
  }
}

/** A log that fails must not keep anybody from getting an answer. */
function unfailing(log: ServerLog): ServerLog {
  function attempt(write: () => void): void {
    try {
      write()
    } catch {
      // the log is where this would have to be said
    }
  }
  return {
    debug: (message) => attempt(() => log.debug(message)),
    info: (message) => attempt(() => log.info(message)),
    warning: (message) => attempt(() => log.warning(message)),
    error: (message, cause) => attempt(() => log.error(message, cause)),
  }
}

function ignore(): void {
  // nobody asked for a log
}

const silentLog: ServerLog = { debug: ignore, info: ignore, warning: ignore, error: ignore }
