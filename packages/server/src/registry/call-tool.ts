import {
  complete,
  type Extended,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type MaybePromise,
  type Outcome,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import type { ServedRequest } from '../dispatch.ts'
import { InsufficientScopeError, missingScopes } from '../http/auth/scopes.ts'
import { chain } from '../then.ts'
import { type HandlerKind, runHandler } from './run-handler.ts'
import type { Tool } from './tool.ts'
import { brokenPromise, failedCall, isFullResult, looseResult, structuredResult } from './tool-result.ts'
import type { ToolRegistry } from './tools.ts'
import { listIssues } from './validate.ts'

const NO_ARGUMENTS: JsonObject = {}

/** A tool's own failure is a result, for the model to read. */
const TOOL: HandlerKind<Tool, Extended> = {
  noun: 'tool',
  check: (tool, given) => tool.input.check(given),
  refuse: (tool, issues) => failedCall(`invalid arguments for ${tool.name}: ${listIssues(issues)}`),
  invoke: (tool, args, call) => tool.run(args, call),
  conclude(tool, value, request) {
    if (tool.output === undefined) return complete(looseResult(value))
    return checkOutput(tool, tool.output, value, request)
  },
  tell: failedCall,
  handedOver: (call) => call.handedOver(),
}

/**
 * Answers `tools/call`, in this tick when the tool does.
 * @throws {RpcError} -32602 for an unknown tool or malformed params; -31998 without the scopes of the tool; arguments the schema refuses are an `isError` result
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#error-handling
 */
export function callTool(tools: ToolRegistry, request: ServedRequest): MaybePromise<Outcome | Extended> {
  const { name, arguments: given = NO_ARGUMENTS } = request.params ?? NO_ARGUMENTS
  if (typeof name !== 'string') throw new RpcError(INVALID_PARAMS, 'params.name must be the name of a tool')
  const tool = tools.get(name)
  if (tool === undefined) throw new RpcError(INVALID_PARAMS, `unknown tool: ${shown(name)}`)
  if (tool.scopes.length > 0) mustBeGranted(tool, request)
  if (!isJsonObject(given)) throw new RpcError(INVALID_PARAMS, 'params.arguments must be an object')
  return runHandler(TOOL, tool, given, request)
}

/** Where nobody is authenticated, as on a pipe, nothing was granted and nothing is asked for. */
function mustBeGranted(tool: Tool, { auth, serving }: ServedRequest): void {
  if (auth === undefined) return
  if (missingScopes(auth.scopes, tool.scopes, serving.implies).length > 0) throw new InsufficientScopeError(tool.scopes)
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
