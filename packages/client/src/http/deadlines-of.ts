import { type Clock, createDeadlines, type Deadlines } from '@bao-mcp/protocol/engine'

const kept = new WeakMap<Clock, Deadlines>()

/** The deadlines of whoever reads by this clock, behind one timer: one for each response would cost each of them. */
export function deadlinesOf(clock: Clock): Deadlines {
  let deadlines = kept.get(clock)
  if (deadlines === undefined) {
    deadlines = createDeadlines(clock)
    kept.set(clock, deadlines)
  }
  return deadlines
}
