import {
  AnsweredError,
  type InputRequests,
  InvalidResultError,
  isInputRequests,
  isJsonObject,
  type JsonObject,
  type JsonRpcErrorObject,
} from '@bao-mcp/protocol/engine'

/** The id of the tasks extension. */
export const TASKS = 'io.modelcontextprotocol/tasks'

/** What is told of every task. */
interface TaskFacts {
  readonly taskId: string
  /** What it is about at present, for display. */
  readonly statusMessage?: string
  /** ISO 8601, as is the next. */
  readonly createdAt: string
  readonly lastUpdatedAt: string
  /** Milliseconds from its creation until its server may forget it; null for ever. */
  readonly ttlMs: number | null
  /** Milliseconds its server wants between two looks. */
  readonly pollIntervalMs?: number
}

/** A task as its server tells of it, with what its status brings. */
export type TaskState = TaskFacts &
  (
    | { readonly status: 'working' | 'cancelled' }
    | { readonly status: 'input_required'; readonly inputRequests: InputRequests }
    | { readonly status: 'completed'; readonly result: JsonObject }
    | { readonly status: 'failed'; readonly error: JsonRpcErrorObject }
  )

const CREATION = 'tools/call'
const STATUSES: ReadonlySet<unknown> = new Set(['working', 'input_required', 'completed', 'failed', 'cancelled'])

/**
 * Reads the answer of a call that became a task: whatever its status, the rest is told by the first look at it.
 * @throws {InvalidResultError} naming the member that is none of a task
 */
export function readCreated(result: JsonObject): TaskState {
  const { resultType: _type, _meta, inputRequests: _requests, result: _result, error: _error, ...task } = result
  checkTask(CREATION, task)
  // proof: the members that all tasks have were just checked, and a task that works has no others
  return { ...task, status: 'working' } as unknown as TaskState
}

/**
 * Reads what is told of a task.
 * @param about the method or the notice that tells it
 * @throws {InvalidResultError} naming the member that is none of a task, and for another task than `id`
 */
export function readTask(about: string, result: JsonObject, id: string): TaskState {
  checkTask(about, result)
  if (result.taskId !== id) throw new InvalidResultError(about, 'it tells of another task than it was asked about')
  switch (result.status) {
    case 'input_required':
      if (!isInputRequests(result.inputRequests)) {
        throw new InvalidResultError(about, 'its inputRequests must be an object of { method, params }')
      }
      break
    case 'completed':
      checkFinal(about, result.result)
      break
    case 'failed':
      if (!isError(result.error)) throw new InvalidResultError(about, 'its error must have a code and a message')
  }
  // proof: the members of all tasks, and those of this status, were just checked
  return result as unknown as TaskState
}

/** The error a task has failed with, as if the call had been answered with it. */
export function errorOf({ error }: TaskState & { status: 'failed' }): AnsweredError {
  return new AnsweredError(error.code, error.message, error.data)
}

export function isFinal({ status }: TaskState): boolean {
  switch (status) {
    case 'completed':
    case 'failed':
    case 'cancelled':
      return true
    case 'working':
    case 'input_required':
      return false
    default:
      return status satisfies never
  }
}

function checkTask(about: string, task: JsonObject): void {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs } = task
  const faults = [
    (typeof taskId !== 'string' || taskId === '') && 'taskId must be a string that is not empty',
    !STATUSES.has(status) && `status must be one of ${[...STATUSES].join(', ')}`,
    statusMessage !== undefined && typeof statusMessage !== 'string' && 'statusMessage must be a string',
    typeof createdAt !== 'string' && 'createdAt must be a string',
    typeof lastUpdatedAt !== 'string' && 'lastUpdatedAt must be a string',
    ttlMs !== null && !isMs(ttlMs) && 'ttlMs must be milliseconds or null',
    pollIntervalMs !== undefined && !isMs(pollIntervalMs) && 'pollIntervalMs must be milliseconds',
  ].filter((fault) => fault !== false)
  if (faults.length > 0) throw new InvalidResultError(about, `it is no task: ${faults.join('; ')}`, faults)
}

function isMs(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function checkFinal(about: string, value: unknown): void {
  if (!isJsonObject(value)) throw new InvalidResultError(about, 'its result must be an object')
  const { resultType } = value
  if (resultType === undefined || resultType === 'complete') return
  throw new InvalidResultError(about, `its result is finished, and cannot be of the type ${JSON.stringify(resultType)}`)
}

function isError(value: unknown): boolean {
  return isJsonObject(value) && Number.isSafeInteger(value.code) && typeof value.message === 'string'
}
