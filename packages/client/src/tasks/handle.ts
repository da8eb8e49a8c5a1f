import type { CallArguments, Client } from '../client.ts'
import type { RequestOptions } from '../progress.ts'
import { readToolResult, type ToolResult } from '../tool-result.ts'
import { aboutTask } from './look.ts'
import { isFinal, type TaskState } from './read-task.ts'
import { runTask, type TaskRun } from './run-task.ts'
import { connectionOf, ON_TASK, type TaskCallOptions } from './tasks.ts'

/**
 * A call that may have become a task. It is looked after from the start, whether or not anybody asks for its result;
 * walking it gives its states as they change, the present one first, and what changed unseen is left out.
 */
export interface TaskHandle extends AsyncIterable<TaskState> {
  /** What `resumeTask` takes; undefined when the server answered at once. */
  readonly id: string | undefined
  /** How it stands; undefined when the server answered at once. Asks no more often than the server wants. */
  status(): Promise<TaskState | undefined>
  /** @throws what `callTool` rejects with, which is a {@link TaskError} where the task has no result to give */
  result(): Promise<ToolResult>
  /** Asks the server to cancel it; resolves when it has heard. How the task ends then is the server's to say. */
  cancel(): Promise<void>
}

/** `maxTotalTimeoutMs` is that of the whole task. Default: none. */
export type TaskOptions = RequestOptions

/**
 * Calls a tool and resolves as soon as the call is a task, or has its result.
 * @throws {TypeError} for a client that was connected without `tasks()`
 * @throws what `callTool` rejects with, when there is neither
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export async function startTask(
  client: Client,
  name: string,
  args?: CallArguments,
  options: TaskOptions = {},
): Promise<TaskHandle> {
  connectionOf(client)
  const begun = Promise.withResolvers<TaskRun | undefined>()
  const sent: TaskOptions & TaskCallOptions = {
    maxTotalTimeoutMs: Number.POSITIVE_INFINITY,
    ...options,
    [ON_TASK]: (run) => begun.resolve(run),
  }
  const answer = client.request('tools/call', args === undefined ? { name } : { name, arguments: args }, sent)
  answer.then(() => begun.resolve(undefined), begun.reject)
  return handleOf(await begun.promise, answer.then(readToolResult))
}

/**
 * Goes on with a task of an earlier connection, once the server has told that it knows it.
 * @param options without progress: walk the handle for its states
 * @throws {TypeError} for a client that was connected without `tasks()`
 * @throws {TaskError} `gone` when the server knows no such task
 */
export async function resumeTask(
  client: Client,
  id: string,
  options: Pick<TaskOptions, 'signal' | 'timeoutMs' | 'headers'> = {},
): Promise<TaskHandle> {
  const { conversation, settings } = connectionOf(client)
  const { signal, timeoutMs, headers } = options
  const call = { timeoutMs, headers }
  const first = await aboutTask(id, { conversation, call, signal: signal ?? conversation.ended() }).get()
  const run = runTask(first, { conversation, settings, call, signal })
  return handleOf(run, run.result.then(readToolResult))
}

function handleOf(run: TaskRun | undefined, result: Promise<ToolResult>): TaskHandle {
  // told to whoever asks for it
  result.catch(() => undefined)
  return {
    id: run?.id,
    status: async () => run?.look(),
    result: () => result,
    cancel: async () => run?.cancel(),
    async *[Symbol.asyncIterator]() {
      if (run !== undefined) yield* statesOf(run)
    },
  }
}

async function* statesOf(run: TaskRun): AsyncGenerator<TaskState, void, undefined> {
  let seen: TaskState | undefined
  for (;;) {
    const { state } = run
    if (state !== seen) {
      seen = state
      yield state
    } else if (isFinal(state)) {
      return
    } else if (run.isGoing) {
      await run.changed()
    } else {
      // it rejects: a task that is no longer looked after and has not ended is one that was given up or lost
      await run.result
      return
    }
  }
}
