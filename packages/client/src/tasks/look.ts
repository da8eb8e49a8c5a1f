import {
  type CallOptions,
  ConnectionError,
  HUB_LOST,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  type JsonObject,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import { backoffMs } from '../backoff.ts'
import type { Conversation } from '../extension.ts'
import { pause } from '../pause.ts'
import { isPassing } from '../tool-calls.ts'
import { readTask, type TaskState } from './read-task.ts'
import { TaskError } from './task-error.ts'

/** Requests about one task. */
export interface AboutTask {
  /** @throws {TaskError} `gone` */
  get(): Promise<TaskState>
  update(inputResponses: JsonObject): Promise<void>
  cancel(): Promise<void>
}

export interface AboutOptions {
  readonly conversation: Conversation
  /** What goes with each request: time limits of its own, and headers. */
  readonly call: Pick<CallOptions, 'timeoutMs' | 'headers'>
  /** Gives the requests up, all but that to cancel. */
  readonly signal: AbortSignal
}

/** @see https://github.com/modelcontextprotocol/ext-tasks */
export function aboutTask(taskId: string, { conversation, call, signal }: AboutOptions): AboutTask {
  // giving up a question about a task is a local matter: nothing on the wire may look like the task's own end
  const options = { ...call, cancellable: false }

  async function ask(method: string, params: JsonObject): Promise<JsonObject> {
    try {
      return await conversation.request(method, { taskId, ...params }, { ...options, signal })
    } catch (error) {
      if (method !== 'tasks/get' || !(error instanceof RpcError) || error.code !== INVALID_PARAMS) throw error
      throw new TaskError('gone', taskId, `the server knows no such task: ${error.message}`, { cause: error })
    }
  }

  return {
    get: async () => readTask('tasks/get', await ask('tasks/get', {}), taskId),
    async update(inputResponses) {
      await ask('tasks/update', { inputResponses })
    },
    async cancel() {
      await conversation.request('tasks/cancel', { taskId }, options)
    },
  }
}

/** Tries again what failed on the way, after pauses that grow. @throws the last failure past `maxFailures` */
export async function persistently<T>(
  attempt: () => Promise<T>,
  options: { conversation: Conversation; maxFailures: number; leastPauseMs: () => number; signal: AbortSignal },
): Promise<T> {
  const { conversation, maxFailures, leastPauseMs, signal } = options
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || failures > maxFailures || !isPassingFailure(error)) throw error
    }
    await pause(conversation.clock, Math.max(leastPauseMs(), backoffMs(failures, conversation.random)), signal)
  }
}

const PASSING_CODES: ReadonlySet<number> = new Set([INTERNAL_ERROR, SERVER_BUSY, HUB_LOST])

/** Whether the same question may be answered the next time. */
function isPassingFailure(error: unknown): boolean {
  if (error instanceof RpcError) return PASSING_CODES.has(error.code)
  if (!(error instanceof ConnectionError)) return false
  switch (error.code) {
    case 'timeout':
    case 'total_timeout':
    case 'dropped':
    case 'unreachable':
    case 'open_limit':
      return true
    case 'http_status':
      return isPassing(error.status)
    case 'closed':
    case 'unanswerable':
    case 'too_large':
    case 'unserialisable':
      return false
    default:
      return error.code satisfies never
  }
}
