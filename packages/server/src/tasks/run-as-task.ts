import type { Extended } from '@bao-mcp/protocol/engine'
import { type CallContext, CallRun } from '../context.ts'
import { ToolError } from '../errors.ts'
import { mustUnderstand, understands } from '../extension.ts'
import type { RunAsTaskOptions } from './board.ts'
import { boardOf } from './extension.ts'
import { TASKS } from './name.ts'
import { wholeMs } from './options.ts'
import { TaskExchange, type TaskHandle } from './task-exchange.ts'

/** For calls whose client waits for them. */
const NO_TASK: TaskHandle = {
  status() {
    // there is nothing that could have a status
  },
}

/**
 * From here on the call is a task, where its client understands tasks: the client gets the task, and the handler runs
 * again from its start inside it, with the answers and `once` values it had. So what must not happen twice belongs after
 * this line, and questions whose answers the client should give before there is a task belong before it. Where the client
 * does not understand tasks, the call just goes on.
 * @param call as the handler was given it
 * @throws {RpcError} -32021 when a task is required and the client understands none
 * @throws {ToolError} likewise, in a revision without that code
 * @throws {TypeError} in a server without the extension, for what is no tool call, and for times that are no whole numbers
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export function runAsTask(call: CallContext, options: RunAsTaskOptions = {}): Promise<TaskHandle> {
  if (!(call instanceof CallRun)) throw new TypeError('runAsTask needs the call itself, as the handler was given it')
  const { request } = call
  const { exchange, facts, method } = request
  const board = boardOf(request.serving.server)
  if (board === undefined)
    throw new TypeError('runAsTask needs a server with tasks: createServer({ extensions: [tasks()] })')
  if (method !== 'tools/call') throw new TypeError(`runAsTask is for tool calls, and this is ${method}`)
  for (const name of ['ttlMs', 'pollIntervalMs'] as const) {
    const value = options[name]
    if (value !== undefined) wholeMs(name, value)
  }
  if (exchange instanceof TaskExchange) return Promise.resolve(exchange.handle)
  if (facts.revision.resultTypes && understands(facts, TASKS)) {
    return call.handOver((left): Promise<Extended> => board.start(request, left, options))
  }
  if (options.required !== true) return Promise.resolve(NO_TASK)
  if (facts.revision.resultTypes) mustUnderstand(facts, TASKS)
  throw new ToolError(`this tool can only run as a task, which ${facts.revision.version} has not; use a newer version`)
}
