import {
  INVALID_PARAMS,
  type InputRequests,
  type InputResponses,
  type JsonObject,
  type JsonRpcErrorObject,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { isAnswerTo } from '../rounds/answer.ts'
import type { TaskRecord } from './store.ts'

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'

/** What is told of a task, and what has come for it. All of it is JSON. */
export interface TaskState {
  readonly taskId: string
  readonly status: TaskStatus
  readonly statusMessage?: string
  /** ISO 8601, as is the next. */
  readonly createdAt: string
  readonly lastUpdatedAt: string
  /** Milliseconds from its creation to its removal. */
  readonly ttlMs: number
  readonly pollIntervalMs: number
  /** The questions that are open. */
  readonly inputRequests?: InputRequests
  /** The answers of this round, for the process that runs the task. */
  readonly inputResponses?: InputResponses
  readonly result?: JsonObject
  readonly error?: JsonRpcErrorObject
}

/** Why the tasks of a process that is gone have failed. */
export const OWNER_ENDED = 'the process that ran it ended'
export const SHUT_DOWN = 'the server shut down before it finished'

export function isFinal(status: TaskStatus): boolean {
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

/** @param now wall-clock milliseconds */
export function newTask(
  { taskId, ttlMs, pollIntervalMs, statusMessage }: Omit<TaskState, 'status' | 'createdAt' | 'lastUpdatedAt'>,
  now: number,
): TaskState {
  const createdAt = new Date(now).toISOString()
  const told = statusMessage === undefined ? {} : { statusMessage }
  return { taskId, status: 'working', ...told, createdAt, lastUpdatedAt: createdAt, ttlMs, pollIntervalMs }
}

/** A task that waits for answers. */
export function asking(task: TaskState, inputRequests: InputRequests): TaskState {
  return { ...bare(task), status: 'input_required', inputRequests }
}

/**
 * A task with the answers to some of its questions, at work again once it has all. Keys that are not open are ignored.
 * @returns undefined when nothing of it was open
 * @throws {RpcError} -32602 for what has not the shape of an answer; nothing is taken then
 */
export function answered(task: TaskState, given: InputResponses): TaskState | undefined {
  if (task.status !== 'input_required') return undefined
  const { inputRequests = {}, inputResponses = {} } = task
  const taken = Object.entries(given).filter(([key]) => Object.hasOwn(inputRequests, key))
  for (const [key, result] of taken) {
    const method = inputRequests[key]?.method ?? ''
    if (isAnswerTo(method, result)) continue
    throw new RpcError(INVALID_PARAMS, `inputResponses[${JSON.stringify(key)}] is no result of ${method}`)
  }
  if (taken.length === 0) return undefined
  const isTaken = new Set(taken.map(([key]) => key))
  const open = Object.entries(inputRequests).filter(([key]) => !isTaken.has(key))
  const all = Object.fromEntries([...Object.entries(inputResponses), ...taken])
  if (open.length === 0) return { ...bare(task), status: 'working', inputResponses: all }
  return { ...task, inputRequests: Object.fromEntries(open), inputResponses: all }
}

export function completed(task: TaskState, result: JsonObject): TaskState {
  return { ...bare(task), status: 'completed', result }
}

/** "failed" is for protocol errors alone. */
export function failed(task: TaskState, error: JsonRpcErrorObject): TaskState {
  return { ...bare(task), status: 'failed', statusMessage: error.message, error }
}

export function cancelled(task: TaskState): TaskState {
  return { ...bare(task), status: 'cancelled', statusMessage: 'its client cancelled it' }
}

/** What a client is told of a task: everything but what clients have answered. */
export function viewOf({ inputResponses, ...told }: TaskState): JsonObject {
  return told
}

/** The state of a task that was read. */
export function stateOf({ state }: TaskRecord): TaskState {
  // proof: records are made from states by recordOf alone
  return JSON.parse(state) as TaskState
}

/** The record that brings a task up to date. @param now wall-clock milliseconds */
export function nextRecord(record: TaskRecord, task: TaskState, now: number): TaskRecord {
  const state = JSON.stringify({ ...task, lastUpdatedAt: new Date(now).toISOString() })
  return { ...record, revision: record.revision + 1, final: isFinal(task.status), state }
}

/** Without what belongs to the status it had. */
function bare({ inputRequests, inputResponses, ...rest }: TaskState): TaskState {
  return rest
}
