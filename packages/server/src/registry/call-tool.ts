import {
  AnsweredError,
  complete,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type MaybePromise,
  type Outcome,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { CallRun } from '../context.ts'
import type { ServedRequest } from '../dispatch.ts'
import { ToolError } from '../errors.ts'
import { recall } from '../rounds/dialogue.ts'
import { chain, isThenable } from '../then.ts'
import { InputRequired, type Tool } from './tool.ts'
import { brokenPromise, failedCall, isFullResult, looseResult, structuredResult } from './tool-result.ts'
import type { ToolRegistry } from './tools.ts'
import { listIssues } from './validate.ts'

const NO_ARGUMENTS: JsonObject = {}

/**
 * Answers `tools/call`, in this tick when the tool does.
 * @throws {RpcError} -32602 for an unknown tool or malformed params; arguments the schema refuses are an `isError` result
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#error-handling
 */
export function callTool(tools: ToolRegistry, request: ServedRequest): MaybePromise<Outcome> {
  const { name, arguments: given = NO_ARGUMENTS } = request.params ?? NO_ARGUMENTS
  if (typeof name !== 'string') throw new RpcError(INVALID_PARAMS, 'params.name must be the name of a tool')
  const tool = tools.get(name)
  if (tool === undefined) throw new RpcError(INVALID_PARAMS, `unknown tool: ${JSON.stringify(name)}`)
  if (!isJsonObject(given)) throw new RpcError(INVALID_PARAMS, 'params.arguments must be an object')
  return request.serving.limiter.run(request.exchange, () => {
    const { round } = request
    if (round === undefined) return checkInput(tool, given, request, new CallRun(request, undefined))
    return recall(round, request.keeperFor(request), tool.singleUse).then((recalled) =>
      checkInput(tool, given, request, new CallRun(request, recalled)),
    )
  })
}

function checkInput(tool: Tool, given: JsonObject, request: ServedRequest, call: CallRun): MaybePromise<Outcome> {
  return chain(tool.input.check(given), (verdict) => {
    if (!verdict.ok) return failedCall(`invalid arguments for ${tool.name}: ${listIssues(verdict.issues)}`)
    return run(tool, verdict.value, request, call)
  })
}

function run(tool: Tool, args: unknown, request: ServedRequest, call: CallRun): MaybePromise<Outcome> {
  const { serving } = request
  // whoever asked may have gone while the arguments were checked
  if (request.exchange.cancelled) return failedCall(`${tool.name} was not run: its call is over`)
  let returned: unknown
  const startedAt = serving.clock.now()
  try {
    returned = tool.run(args, call)
  } catch (thrown) {
    return unlessAsking(call, () => failed(tool, thrown, request))
  } finally {
    serving.handlerHeldLoop(tool.name, serving.clock.now() - startedAt)
  }
  if (!isThenable(returned)) return settle(tool, returned, request, call)
  return Promise.resolve(returned).then(
    (value) => settle(tool, value, request, call),
    (thrown) => unlessAsking(call, () => failed(tool, thrown, request)),
  )
}

/** An open question outweighs whatever the handler returned or threw: "not confirmed" must not turn into "done". */
function unlessAsking(call: CallRun, conclude: () => MaybePromise<Outcome>): MaybePromise<Outcome> {
  const unanswered = call.unanswered()
  return unanswered === undefined ? conclude() : unanswered.then((outcome) => outcome ?? conclude())
}

function settle(tool: Tool, value: unknown, request: ServedRequest, call: CallRun): MaybePromise<Outcome> {
  return unlessAsking(call, () => {
    if (value instanceof InputRequired) return askByHand(tool, value, request, call)
    if (tool.output === undefined) return complete(looseResult(value))
    return checkOutput(tool, tool.output, value, request)
  })
}

function askByHand(tool: Tool, asked: InputRequired, request: ServedRequest, call: CallRun): MaybePromise<Outcome> {
  try {
    return call.askByHand(asked.requests, asked.state)
  } catch (thrown) {
    // as if `call.ask` had rejected inside the handler
    return failed(tool, thrown, request)
  }
}

function checkOutput(
  tool: Tool,
  output: NonNullable<Tool['output']>,
  value: unknown,
  { serving }: ServedRequest,
): MaybePromise<Outcome> {
  const full = isFullResult(value) ? value : undefined
  if (full?.isError === true) return complete(looseResult(full))
  const structured = full === undefined ? value : full.structuredContent
  return chain(output.check(structured), (verdict) => {
    if (verdict.ok) return complete(structuredResult(verdict.value, full))
    serving.log.error(brokenPromise(tool, verdict.issues))
    throw new RpcError(INTERNAL_ERROR, `${tool.name} returned something its output schema refuses`)
  })
}

/** A tool's own failure is a result. What it did not mean to tell stays here, under a reference both sides can name. */
function failed(tool: Tool, thrown: unknown, { serving, exchange }: ServedRequest): Outcome {
  // what another server answered was meant for this one, and its codes would mislead the caller about this one
  if (thrown instanceof RpcError && !(thrown instanceof AnsweredError)) throw thrown
  if (thrown instanceof ToolError) return failedCall(thrown.message)
  if (exchange.cancelled) {
    serving.log.debug(`tool ${JSON.stringify(tool.name)} stopped because its call is over`)
    return failedCall(`${tool.name} was stopped`)
  }
  const reference = crypto.randomUUID().slice(0, 8)
  serving.log.error(`tool ${JSON.stringify(tool.name)} failed (reference ${reference})`, thrown)
  if (serving.server.exposeErrors) return failedCall(wordsOf(thrown))
  return failedCall(`${tool.name} failed for a reason of its own; the server's log has it under ${reference}`)
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  try {
    return JSON.stringify(thrown) ?? Object.prototype.toString.call(thrown)
  } catch {
    // it has no words; the log has the thing itself
    return Object.prototype.toString.call(thrown)
  }
}
