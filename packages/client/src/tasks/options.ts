/** Milliseconds between two looks at a task whose server does not say. */
export const DEFAULT_POLL_INTERVAL_MS = 1_000
/** Looks in a row that may fail before a task counts as lost. */
export const DEFAULT_MAX_FAILED_LOOKS = 8

/** How often tasks are looked at, and what is borne meanwhile. */
export interface TasksOptions {
  /** Milliseconds between two looks at a task whose server does not say. Default 1 s. */
  pollIntervalMs?: number
  /** Looks in a row that may fail on the way before a task counts as lost; the pauses between them grow. Default 8. */
  maxFailedLooks?: number
  /** Whether the server is asked to tell of each task, where it can: a stream beside the looks. Default false. */
  listen?: boolean
}

export type TaskSettings = Readonly<Required<TasksOptions>>

/** @throws {TypeError} naming the option that is no positive number */
export function taskSettings(options: TasksOptions): TaskSettings {
  const {
    pollIntervalMs = DEFAULT_POLL_INTERVAL_MS,
    maxFailedLooks = DEFAULT_MAX_FAILED_LOOKS,
    listen = false,
  } = options
  if (!(pollIntervalMs > 0)) throw new TypeError(`pollIntervalMs must be milliseconds above 0, got ${pollIntervalMs}`)
  if (!(maxFailedLooks >= 0)) throw new TypeError(`maxFailedLooks must be a number from 0 on, got ${maxFailedLooks}`)
  return { pollIntervalMs, maxFailedLooks, listen }
}
