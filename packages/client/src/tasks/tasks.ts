import { type JsonObject, PROGRESS } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import type { ClientExtension, Conversation, ExtendedCall } from '../extension.ts'
import type { SessionCallOptions } from '../session.ts'
import { type TaskSettings, type TasksOptions, taskSettings } from './options.ts'
import { readCreated, TASKS, type TaskState } from './read-task.ts'
import { runTask, type TaskRun } from './run-task.ts'

/** A connection on which tasks are spoken. */
export interface TaskConnection {
  readonly conversation: Conversation
  readonly settings: TaskSettings
}

/** The option of a call by which {@link startTask} hears that it has become a task. */
export const ON_TASK: unique symbol = Symbol('told of the task')

export interface TaskCallOptions extends SessionCallOptions {
  [ON_TASK]?: ((run: TaskRun) => void) | undefined
}

const connections = new WeakMap<Client, TaskConnection>()

/**
 * The tasks extension: a tool call that its server turns into a task is looked at until it ends, and gives its result to
 * the caller as any other call does.
 * - Its status messages are told to `onProgress`, counted, and its questions reach the client's handlers.
 * - A signal that aborts, and `maxTotalTimeoutMs`, cancel the task.
 * - The call rejects with `RpcError` where the task failed with one, and with {@link TaskError} where it has no
 *   result to give.
 * @throws {TypeError} naming the option that is no positive number
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function tasks(options: TasksOptions = {}): ClientExtension {
  const settings = taskSettings(options)
  return {
    id: TASKS,
    settings: {},
    resultTypes: new Map([['task', new Set(['tools/call'])]]),
    settle: (result, call) => settle(result, call, settings),
    attach(client, conversation) {
      connections.set(client, { conversation, settings })
    },
    // a result of another kind must be able to say so
    servedIn: (revision) => revision.resultTypes,
  }
}

/** @throws {TypeError} for a client that was connected without `tasks()` */
export function connectionOf(client: Client): TaskConnection {
  const connection = connections.get(client)
  if (connection !== undefined) return connection
  throw new TypeError('this client does not understand tasks: connect it with extensions: [tasks()]')
}

function settle(result: JsonObject, call: ExtendedCall, settings: TaskSettings): Promise<JsonObject> {
  const { conversation, signal } = call
  // proof: the symbol belongs to this module, and its type says who puts what there
  const options = call.options as TaskCallOptions | undefined
  const { timeoutMs, headers } = options ?? {}
  const run = runTask(readCreated(result), {
    conversation,
    settings,
    call: { timeoutMs, headers },
    signal,
    onState: teller(options?.onNotice),
  })
  options?.[ON_TASK]?.(run)
  return run.result
}

/** Tells each message of a task as progress: "no progress is sent for tasks", so their number is all that can be told. */
function teller(onNotice: SessionCallOptions['onNotice']): ((state: TaskState) => void) | undefined {
  if (onNotice === undefined) return undefined
  let progress = 0
  let last: string | undefined
  return ({ statusMessage: message }) => {
    if (message === undefined || message === last) return
    last = message
    progress++
    onNotice({ method: PROGRESS, params: { progress, message } })
  }
}
