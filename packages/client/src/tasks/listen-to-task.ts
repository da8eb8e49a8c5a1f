import { InvalidResultError } from '@bao-mcp/protocol/engine'
import type { Conversation } from '../extension.ts'
import { readTask, type TaskState } from './read-task.ts'

const TASK_CHANGED = 'notifications/tasks'
const FOR_EVER = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }

export interface ListenOptions {
  readonly conversation: Conversation
  /** Ends the subscription. */
  readonly signal: AbortSignal
  heard(task: TaskState): void
}

/**
 * Has the server tell of a task. A subscription of its own, beside that to changes: it lasts as long as the task, and
 * looks go on whether or not it comes about.
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function listenToTask(id: string, { conversation, signal, heard }: ListenOptions): void {
  const answer = conversation.request(
    'subscriptions/listen',
    { notifications: { taskIds: [id] } },
    {
      ...FOR_EVER,
      signal,
      onNotice({ method, params }) {
        if (method !== TASK_CHANGED || params === undefined) return
        try {
          heard(readTask(TASK_CHANGED, params, id))
        } catch (error) {
          // the next look tells the same, and fails the call where that is malformed as well
          if (!(error instanceof InvalidResultError)) throw error
        }
      },
    },
  )
  // a server that does not tell of tasks is looked at
  answer.catch(() => undefined)
}
