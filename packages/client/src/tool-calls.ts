import {
  AnsweredError,
  type Clock,
  ConnectionError,
  type JsonObject,
  SERVER_BUSY,
  type StandardSchema,
} from '@bao-mcp/protocol/engine'
import { backoffMs } from './backoff.ts'
import type { KnownTools } from './known-tools.ts'
import { unknownOutcome } from './outcome-unknown.ts'
import { heldPause } from './pause.ts'
import type { RequestOptions } from './progress.ts'
import { checkListed, checkToolResult, readToolResult, type ToolResult } from './tool-result.ts'

/** Times a call is sent again. */
export const DEFAULT_MAX_RETRIES = 2
/** Longest pause a server may ask for before a call is sent again, in milliseconds; past it the call fails at once. */
const LONGEST_PAUSE_MS = 30_000
const FIRST_PAUSE_MS = 250
/** The HTTP status beside `SERVER_BUSY`. */
const BUSY_STATUS = 503

export interface ToolCallOptions extends RequestOptions {
  output?: StandardSchema | false | undefined
  maxRetries?: number | undefined
}

export interface ToolCallsOptions {
  request(method: string, params: JsonObject, options: RequestOptions | undefined): Promise<JsonObject>
  /** Told that a call is over: the server may have changed something. */
  done(): void
  known: KnownTools
  clock: Clock
  random(): number
  /** Milliseconds a call may take in all, its retries included, where it does not say. */
  maxTotalTimeoutMs: number
}

export type CallTool = (
  name: string,
  args: object | undefined,
  options: ToolCallOptions | undefined,
) => Promise<ToolResult>

/** One failed attempt, and what the call was. */
interface Failed {
  readonly error: unknown
  readonly name: string
  readonly params: JsonObject
  readonly options: ToolCallOptions | undefined
  readonly startedAt: number
}

/**
 * Calls tools. A call that the server has certainly not begun with is sent again; one that it may have begun with is sent
 * again only when the tool, as it was listed last, says that twice does no more than once. Else the failure says that
 * its outcome is unknown.
 */
export function createToolCalls(options: ToolCallsOptions): CallTool {
  const { request, done, known, clock, random, maxTotalTimeoutMs } = options

  async function retry(failed: Failed): Promise<JsonObject> {
    const { name, params, options, startedAt } = failed
    const { maxRetries = DEFAULT_MAX_RETRIES, maxTotalTimeoutMs: totalMs = maxTotalTimeoutMs } = options ?? {}
    let { error } = failed
    let mayHaveRun = false
    for (let attempt = 1; ; attempt++) {
      if (!isOnTheWay(error)) throw error
      const pauseMs = error.retryAfterMs ?? backoffMs(attempt, random, { firstMs: FIRST_PAUSE_MS })
      const leftMs = startedAt + totalMs - clock.now() - pauseMs
      const isInTime = pauseMs <= LONGEST_PAUSE_MS && leftMs > 0
      if (attempt > maxRetries || !isInTime || !mayRepeat(error, known.get(name)?.isRepeatable === true)) {
        throw error instanceof ConnectionError ? told(error, mayHaveRun) : error
      }
      mayHaveRun ||= error instanceof ConnectionError && error.outcome !== 'not_run'
      await heldPause(clock, pauseMs, options?.signal)
      try {
        return await request('tools/call', params, { ...options, maxTotalTimeoutMs: leftMs })
      } catch (next) {
        error = next
      }
    }
  }

  return async (name, args, options) => {
    const maxRetries: unknown = options?.maxRetries ?? DEFAULT_MAX_RETRIES
    if (typeof maxRetries !== 'number' || !(maxRetries >= 0)) {
      throw new TypeError(`maxRetries must be a number from 0 on, got ${String(maxRetries)}`)
    }
    const params = args === undefined ? { name } : { name, arguments: args }
    const startedAt = clock.now()
    let result: JsonObject
    try {
      result = await request('tools/call', params, options)
    } catch (error) {
      result = await retry({ error, name, params, options, startedAt })
    } finally {
      done()
    }
    const output = options?.output
    if (output === false) return readToolResult(result)
    if (output !== undefined) return checkToolResult(result, output)
    const tool = known.get(name)
    return tool?.outputSchema === undefined ? readToolResult(result) : checkListed(result, tool.outputSchema)
  }
}

/** Whether it is no answer to the call: a failure of the way, or a server that takes no more calls at the moment. */
function isOnTheWay(error: unknown): error is ConnectionError | AnsweredError {
  if (error instanceof ConnectionError) return true
  return error instanceof AnsweredError && error.code === SERVER_BUSY && error.status === BUSY_STATUS
}

/** Failures of the way to the server, which may be gone the next time. */
function mayRepeat(error: ConnectionError | AnsweredError, isRepeatable: boolean): boolean {
  // a server that is busy has not begun with it
  if (error instanceof AnsweredError) return true
  const { code, outcome, status } = error
  switch (code) {
    case 'dropped':
    case 'unreachable':
    case 'open_limit':
      return isRepeatable || outcome === 'not_run'
    case 'http_status':
      return isPassing(status) && (isRepeatable || outcome === 'not_run')
    case 'closed':
    case 'timeout':
    case 'total_timeout':
    case 'unanswerable':
    case 'too_large':
    case 'unserialisable':
      return false
    default:
      return code satisfies never
  }
}

/** Too early, too many, and failures of the server: other statuses judge the request and do so again. */
export function isPassing(status: number | undefined): boolean {
  return status === undefined || status >= 500 || status === 408 || status === 425 || status === 429
}

/** Codes of calls that an answer was read of, or that never left. */
const SETTLED: ReadonlySet<ConnectionError['code']> = new Set(['unanswerable', 'too_large', 'unserialisable'])

/** @param mayHaveRun by an attempt before, whatever became of the last one */
function told(error: ConnectionError, mayHaveRun: boolean): ConnectionError {
  if ((error.outcome === 'not_run' && !mayHaveRun) || SETTLED.has(error.code)) return error
  return unknownOutcome(error, `${error.message}; outcome unknown: the tool may have run`)
}
