import { complete, INVALID_PARAMS, isInputResponses, type JsonObject, RpcError } from '@bao-mcp/protocol/engine'
import type { ServedRequest } from '../dispatch.ts'
import { type Extension, type ExtensionMethod, mustUnderstand } from '../extension.ts'
import type { Server } from '../server.ts'
import { createBoard, type TaskBoard } from './board.ts'
import { createLedger, type Entry, type Ledger } from './ledger.ts'
import { TASKS } from './name.ts'
import { type TasksOptions, taskSettings } from './options.ts'
import { ownTask } from './own-task.ts'
import { answered, cancelled, type TaskState, viewOf } from './task-state.ts'
import { tasksTopic } from './topic.ts'

const boards = new WeakMap<Extension, TaskBoard>()

/**
 * The tasks extension: calls that go on after their client has got an answer, and that it asks about when it likes. It is
 * for `createServer`, and does nothing for tools that do not call `runAsTask`.
 * @throws {TypeError} naming a limit under which nothing could be served
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function tasks(options: TasksOptions = {}): Extension {
  const settings = taskSettings(options)
  const ledger = createLedger(settings.store, settings.now)
  const board = createBoard(settings, ledger)
  const extension: Extension = {
    id: TASKS,
    settings: {},
    methods: new Map([
      ['tasks/get', taskMethod(ledger, (_request, { task }) => viewOf(task))],
      ['tasks/update', taskMethod(ledger, (request, { task }) => update(ledger, request, task))],
      [
        'tasks/cancel',
        taskMethod(ledger, async (_request, { task }) => {
          await ledger.change(task.taskId, cancelled)
          return {}
        }),
      ],
    ]),
    topics: [tasksTopic(ledger, settings.maxFollowedTasks)],
    // a result of another kind must be able to say so
    servedIn: (revision) => revision.resultTypes,
    drain: (serving, graceMs) => board.drain(serving, graceMs),
  }
  boards.set(extension, board)
  return extension
}

/** The tasks of a server; undefined for one without the extension. */
export function boardOf({ extensions }: Server): TaskBoard | undefined {
  const extension = extensions.list.find(({ id }) => id === TASKS)
  return extension === undefined ? undefined : boards.get(extension)
}

/** A method about one task of who asks. */
function taskMethod(
  ledger: Ledger,
  answer: (request: ServedRequest, entry: Entry) => JsonObject | Promise<JsonObject>,
): ExtensionMethod {
  return {
    nameParam: 'taskId',
    async answer(request) {
      mustUnderstand(request.facts, TASKS)
      const id = request.params?.taskId
      if (typeof id !== 'string') throw new RpcError(INVALID_PARAMS, 'params.taskId must be the id of a task, a string')
      const entry = await ownTask(ledger, id, request.auth?.principal)
      if (entry === undefined) {
        throw new RpcError(INVALID_PARAMS, 'params.taskId names no task: it is unknown, or has expired')
      }
      return complete(await answer(request, entry))
    },
  }
}

async function update(ledger: Ledger, { params }: ServedRequest, { taskId }: TaskState): Promise<JsonObject> {
  const responses = params?.inputResponses
  if (!isInputResponses(responses)) {
    throw new RpcError(INVALID_PARAMS, 'params.inputResponses must be an object of results by key')
  }
  await ledger.change(taskId, (task) => answered(task, responses))
  return {}
}
