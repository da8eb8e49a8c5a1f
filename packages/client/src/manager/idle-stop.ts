/** How long an idle server is kept when that depends on how it is used. All times are milliseconds. */
export interface AdaptiveIdleStop {
  /** It is never stopped sooner. Default 1 min. */
  readonly minMs?: number | undefined
  /** Nor kept longer. Default 30 min. */
  readonly maxMs?: number | undefined
}

/** Milliseconds an adaptive server is kept at least. */
export const DEFAULT_MIN_IDLE_STOP_MS = 60_000
/** Milliseconds an adaptive server is kept at most. */
export const DEFAULT_MAX_IDLE_STOP_MS: number = 30 * 60_000

/** What is known of the use of one server. */
export interface IdleHabit {
  /** Usual time between two uses; undefined before the first. */
  readonly gapMs: number | undefined
  /** What a start takes; undefined before the first. */
  readonly startMs: number | undefined
}

/** Of a server that was not used yet. */
export const NO_HABIT: IdleHabit = { gapMs: undefined, startMs: undefined }

/** How many usual gaps have to fit into the longest time, so that a server is kept for all of it. */
const SURE_GAPS = 3
/** How much longer a server is kept for the time its start takes. */
const START_WORTH = 60
/** Shorter gaps are all the same. */
const SHORTEST_GAP_MS = 1_000

/**
 * The habit after one more gap between uses. Gaps weigh as much as they last: a burst of calls does not make a server
 * often used, an hour of them does. Their size counts by its logarithm, so that one long night is made up for.
 */
export function learnGap(
  habit: IdleHabit,
  gapMs: number,
  { maxMs = DEFAULT_MAX_IDLE_STOP_MS }: AdaptiveIdleStop = {},
): IdleHabit {
  const gap = Math.min(Number.MAX_SAFE_INTEGER, Math.max(SHORTEST_GAP_MS, gapMs))
  // nothing is known at first, and nothing is assumed but that it is worth waiting for
  const before = Math.max(SHORTEST_GAP_MS, habit.gapMs ?? maxMs)
  const weight = 1 - Math.exp(-gap / Math.max(SHORTEST_GAP_MS, maxMs))
  return { ...habit, gapMs: Math.exp((1 - weight) * Math.log(before) + weight * Math.log(gap)) }
}

/** The habit after one more start, which took so many milliseconds. */
export function learnStart(habit: IdleHabit, startMs: number): IdleHabit {
  return { ...habit, startMs: habit.startMs === undefined ? startMs : (habit.startMs + startMs) / 2 }
}

/**
 * Milliseconds a server is kept without use: the longest time as long as the next use will most likely come within it,
 * less the rarer it is used, and more the longer it takes to start.
 */
export function keepMs(
  { gapMs, startMs = 0 }: IdleHabit,
  { minMs = DEFAULT_MIN_IDLE_STOP_MS, maxMs = DEFAULT_MAX_IDLE_STOP_MS }: AdaptiveIdleStop = {},
): number {
  const hope = maxMs / SURE_GAPS / Math.max(SHORTEST_GAP_MS, gapMs ?? maxMs)
  return Math.round(Math.min(maxMs, Math.max(minMs, maxMs * hope + START_WORTH * startMs)))
}

/** Follows the use of one server, and says after which time without any it is stopped. */
export interface IdleStop {
  /** It is used again after so long without. */
  used(gapMs: number): void
  started(startMs: number): void
  /** Undefined for never. */
  afterMs(): number | undefined
}

/** @param setting a fixed time, one that depends on the use, or undefined for never */
export function createIdleStop(setting: number | 'adaptive' | AdaptiveIdleStop | undefined): IdleStop {
  if (typeof setting === 'number' || setting === undefined) {
    return { used() {}, started() {}, afterMs: () => setting }
  }
  const limits = setting === 'adaptive' ? {} : setting
  let habit = NO_HABIT
  return {
    used(gapMs) {
      habit = learnGap(habit, gapMs, limits)
    },
    started(startMs) {
      habit = learnStart(habit, startMs)
    },
    afterMs: () => keepMs(habit, limits),
  }
}
