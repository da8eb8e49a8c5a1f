import { atLeast } from '../at-least.ts'
import { memoryTasks } from './memory-store.ts'
import type { TaskStore } from './store.ts'

export const DEFAULT_TASK_TTL_MS: number = 60 * 60_000
export const DEFAULT_MAX_TASK_TTL_MS: number = 24 * 60 * 60_000
export const DEFAULT_POLL_INTERVAL_MS = 1000
export const DEFAULT_MAX_TASKS = 1000
export const DEFAULT_MAX_TASKS_PER_PRINCIPAL = 100
export const DEFAULT_MAX_RESULT_LENGTH: number = 16 * 1024 * 1024
export const DEFAULT_MAX_FOLLOWED_TASKS = 1000

/** Where tasks are kept, how long, and how many there may be. */
export interface TasksOptions {
  /** Where tasks are kept. Default: {@link memoryTasks}, which forgets them with the process. */
  store?: TaskStore
  /** Milliseconds from the creation of a task until it is removed with its result, running or not. Default 1 hour. */
  ttlMs?: number
  /** Milliseconds a tool may ask for at most; more is cut down to it. Default 24 hours. */
  maxTtlMs?: number
  /** Milliseconds clients are asked to leave between two looks at a task. Default 1000. */
  pollIntervalMs?: number
  /** Tasks that are kept at once, finished ones included; past it a call is refused. Default 1000. */
  maxTasks?: number
  /** Likewise of one authenticated principal. Default 100. */
  maxTasksPerPrincipal?: number
  /** UTF-16 units of one result; a task with a longer one has failed. Default 16 Mi. */
  maxResultLength?: number
  /** Tasks one subscription is told of. Default 1000. */
  maxFollowedTasks?: number
  /** Wall-clock milliseconds, the same in all processes on the store. Default `Date.now`. */
  now?: () => number
}

export type TaskSettings = Readonly<Required<TasksOptions>>

/** @throws {TypeError} naming a limit under which nothing could be served, or a time that is no whole number */
export function taskSettings(options: TasksOptions): TaskSettings {
  const maxTtlMs = wholeMs('maxTtlMs', options.maxTtlMs ?? DEFAULT_MAX_TASK_TTL_MS)
  return {
    store: options.store ?? memoryTasks(),
    ttlMs: Math.min(wholeMs('ttlMs', options.ttlMs ?? DEFAULT_TASK_TTL_MS), maxTtlMs),
    maxTtlMs,
    pollIntervalMs: wholeMs('pollIntervalMs', options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS),
    maxTasks: atLeast(1, 'maxTasks', options.maxTasks ?? DEFAULT_MAX_TASKS),
    maxTasksPerPrincipal: atLeast(
      1,
      'maxTasksPerPrincipal',
      options.maxTasksPerPrincipal ?? DEFAULT_MAX_TASKS_PER_PRINCIPAL,
    ),
    maxResultLength: atLeast(1, 'maxResultLength', options.maxResultLength ?? DEFAULT_MAX_RESULT_LENGTH),
    maxFollowedTasks: atLeast(0, 'maxFollowedTasks', options.maxFollowedTasks ?? DEFAULT_MAX_FOLLOWED_TASKS),
    now: options.now ?? Date.now,
  }
}

/** "ttlMs and pollIntervalMs are integers." @throws {TypeError} naming the time */
export function wholeMs(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new TypeError(`${name} must be a whole number of milliseconds, at least 1, got ${value}`)
}
