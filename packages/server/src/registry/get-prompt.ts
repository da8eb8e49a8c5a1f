import {
  complete,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type MaybePromise,
  type Outcome,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import type { ServedRequest } from '../dispatch.ts'
import type { Prompt } from './prompt.ts'
import type { PromptRegistry } from './prompts.ts'
import { type HandlerKind, runHandler, throwInternal } from './run-handler.ts'
import { listIssues } from './validate.ts'

const PROMPT: HandlerKind<Prompt> = {
  noun: 'prompt',
  check: (prompt, given) => prompt.check(given),
  refuse({ name }, issues) {
    throw new RpcError(INVALID_PARAMS, `invalid arguments for ${name}: ${listIssues(issues)}`)
  },
  invoke: (prompt, args, call) => prompt.run(args, call),
  conclude: ({ name }, value) => complete(promptResult(value, name)),
  tell: throwInternal,
}

/**
 * Answers `prompts/get`, in this tick when the prompt does.
 * @throws {RpcError} -32602 for an unknown prompt, malformed params or refused arguments; -32603 when the prompt fails
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts#error-handling
 */
export function getPrompt(prompts: PromptRegistry, request: ServedRequest): MaybePromise<Outcome> {
  const { name, arguments: given = {} } = request.params ?? {}
  if (typeof name !== 'string') throw new RpcError(INVALID_PARAMS, 'params.name must be the name of a prompt')
  const prompt = prompts.get(name)
  if (prompt === undefined) throw new RpcError(INVALID_PARAMS, `unknown prompt: ${shown(name)}`)
  if (!isJsonObject(given) || !Object.values(given).every((one) => typeof one === 'string')) {
    throw new RpcError(INVALID_PARAMS, 'params.arguments must be an object of strings')
  }
  return runHandler(PROMPT, prompt, given, request)
}

function promptResult(returned: unknown, name: string): JsonObject {
  if (typeof returned === 'string') return { messages: [{ role: 'user', content: { type: 'text', text: returned } }] }
  const full = Array.isArray(returned) ? { messages: returned } : returned
  if (isJsonObject(full) && Array.isArray(full.messages) && full.messages.every(isMessage)) return full
  throw new TypeError(`prompt ${JSON.stringify(name)} gave neither text nor messages`)
}

function isMessage(message: unknown): boolean {
  if (!isJsonObject(message) || !isJsonObject(message.content)) return false
  return (message.role === 'user' || message.role === 'assistant') && typeof message.content.type === 'string'
}
