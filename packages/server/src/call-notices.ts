import {
  type Exchange,
  type JsonObject,
  LOG_LEVELS,
  LOG_MESSAGE,
  type LogLevel,
  PROGRESS,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import type { RoundMemory } from './rounds/memory.ts'

/** The notices of one call: progress that only rises, and log messages the client wants to have. */
export interface CallNotices {
  progress(done: number, total?: number, message?: string): void
  log(level: LogLevel, data: unknown, logger?: string): void
  /** This run is over and another one may report now: what is left of this one says nothing more. */
  end(): void
}

/**
 * While the client does not read, progress keeps only its latest value and log messages are dropped and counted, so that
 * a slow reader costs no memory. A rerun stays quiet about what earlier runs have told.
 * @param memory the counts that travel from round to round
 */
export function createCallNotices(exchange: Exchange, facts: RequestFacts, memory: RoundMemory): CallNotices {
  let last = memory.progress ?? Number.NEGATIVE_INFINITY
  let linesToSkip = memory.logLines
  let blocked = false
  let latest: JsonObject | undefined
  let dropped = 0
  let ended = false

  function send(method: string, params: JsonObject): void {
    const room = exchange.notify(method, params)
    if (room === undefined) return
    blocked = true
    void room.then(resume, resume)
  }

  function resume(): void {
    blocked = false
    const progress = latest
    const lines = dropped
    latest = undefined
    dropped = 0
    if (lines > 0) {
      const data = `${lines} log messages were dropped while nobody read`
      send(LOG_MESSAGE, { level: atLeastWanted('warning'), data })
    }
    if (progress === undefined || ended) return
    if (blocked) latest = progress
    else send(PROGRESS, progress)
  }

  /** A client is told nothing below the level it asked for, not even what it missed. */
  function atLeastWanted(level: LogLevel): LogLevel {
    const wanted = facts.logLevel ?? level
    return severity(wanted) > severity(level) ? wanted : level
  }

  return {
    progress(done, total, message) {
      // what is not finite cannot be written as JSON
      if (ended || facts.progressToken === undefined || !Number.isFinite(done) || done <= last) return
      last = done
      memory.progress = done
      const params: JsonObject = { progressToken: facts.progressToken, progress: done }
      if (Number.isFinite(total)) params.total = total
      if (message !== undefined) params.message = message
      if (blocked) latest = params
      else send(PROGRESS, params)
    },
    log(level, data, logger) {
      if (ended || facts.logLevel === undefined || severity(level) < severity(facts.logLevel)) return
      if (linesToSkip > 0) {
        linesToSkip--
        return
      }
      memory.logLines++
      if (blocked) dropped++
      else send(LOG_MESSAGE, { level, ...(logger !== undefined && { logger }), data: written(data) })
    },
    end() {
      ended = true
    },
  }
}

/** `data` is never left out, which a value that JSON does not know would be. */
function written(data: unknown): unknown {
  return data === undefined || typeof data === 'function' || typeof data === 'symbol' ? null : data
}

function severity(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level)
}
