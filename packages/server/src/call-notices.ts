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
  progress(done: number, total: number | undefined, message: string | undefined): void
  log(level: LogLevel, data: unknown, logger: string | undefined): void
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
      send(LOG_MESSAGE, { level: 'warning', data: `${lines} log messages were dropped while nobody read` })
    }
    if (progress === undefined) return
    if (blocked) latest = progress
    else send(PROGRESS, progress)
  }

  return {
    progress(done, total, message) {
      if (facts.progressToken === undefined || !(done > last)) return
      last = done
      memory.progress = done
      const params: JsonObject = { progressToken: facts.progressToken, progress: done }
      if (total !== undefined) params.total = total
      if (message !== undefined) params.message = message
      if (blocked) latest = params
      else send(PROGRESS, params)
    },
    log(level, data, logger) {
      if (facts.logLevel === undefined) return
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(facts.logLevel)) return
      if (linesToSkip > 0) {
        linesToSkip--
        return
      }
      memory.logLines++
      if (blocked) dropped++
      else send(LOG_MESSAGE, logger === undefined ? { level, data } : { level, logger, data })
    },
  }
}
