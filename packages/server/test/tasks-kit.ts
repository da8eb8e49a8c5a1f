/** What the tests of tasks share: a server of one tool, clients that understand tasks, and ways to wait for one. */
import { type Channel, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { type ToolDefinition, tool } from '../src/registry/tool.ts'
import { createServer, type Server, type ServerOptions } from '../src/server.ts'
import { TASKS, type TasksOptions, tasks } from '../src/tasks/index.ts'
import type { Run } from './ask-kit.ts'
import { ALL_CAPABILITIES, type OpenOptions, openPair, type Pair } from './kit.ts'

export const UNDERSTANDS_TASKS: JsonObject = { ...ALL_CAPABILITIES, extensions: { [TASKS]: {} } }

export interface TaskServerOptions {
  tasks?: TasksOptions
  tool?: Partial<ToolDefinition>
  server?: Partial<ServerOptions>
}

/** A server with tasks, whose tool `it` does what a test says. */
export function taskServer(run: Run, options: TaskServerOptions = {}): Server {
  // proof: what a handler returns at runtime is what the tests are about
  const one = tool({ name: 'it', ...options.tool, run } as unknown as ToolDefinition)
  return createServer({
    name: 's',
    version: '1',
    tools: [one],
    extensions: [tasks(options.tasks)],
    ...options.server,
  })
}

/** A client that understands tasks. */
export function openTasks(server: Server, options: OpenOptions = {}): Promise<Pair> {
  return openPair(server, { capabilities: UNDERSTANDS_TASKS, ...options })
}

/** Has every request come from somebody. */
export function as(principal: string): Pick<OpenOptions, 'wrap'> {
  const way = { auth: { principal, scopes: [] } }
  const wrap = (channel: Channel): Channel => ({
    open(receiver) {
      channel.open({ ...receiver, message: (value, length) => receiver.message(value, length, way) })
    },
    send: (message) => channel.send(message),
    close: () => channel.close(),
    [Symbol.asyncDispose]: () => channel.close(),
  })
  return { wrap }
}

/** Calls `it`, which must become a task. */
export async function startTask(pair: Pair, args: JsonObject = {}): Promise<string> {
  const result = await pair.request('tools/call', { name: 'it', arguments: args })
  if (result.resultType !== 'task') throw new TypeError(`no task but ${JSON.stringify(result)}`)
  return idOf(result)
}

export function idOf({ taskId }: JsonObject): string {
  if (typeof taskId !== 'string') throw new TypeError('there is no taskId')
  return taskId
}

export const getTask = (pair: Pair, taskId: string): Promise<JsonObject> => pair.request('tasks/get', { taskId })

const MAX_LOOKS = 2000

/** Looks at a task until its status is this one; a look takes no time but its own. */
export async function taskIn(pair: Pair, taskId: string, status: string): Promise<JsonObject> {
  let last: JsonObject = {}
  for (let look = 0; look < MAX_LOOKS; look++) {
    last = await getTask(pair, taskId)
    if (last.status === status) return last
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`the task is not ${status} but ${JSON.stringify(last)}`)
}

/** Open questions of a task, by key. */
export function openQuestions({ inputRequests }: JsonObject): string[] {
  return isJsonObject(inputRequests) ? Object.keys(inputRequests) : []
}

/** The result or error inside a task. */
export function inside(task: JsonObject, member: 'result' | 'error'): JsonObject {
  const value = task[member]
  if (!isJsonObject(value)) throw new TypeError(`the task has no ${member}: ${JSON.stringify(task)}`)
  return value
}
