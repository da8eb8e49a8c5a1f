import {
  complete,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type MaybePromise,
  type Outcome,
  RpcError,
} from '@bao-mcp/protocol/engine'
import type { ServedRequest } from '../dispatch.ts'
import type { Server } from '../server.ts'
import { chain } from '../then.ts'
import { type Completers, completionResult } from './completion-values.ts'

const NOTHING: Completers = new Map()

/**
 * Answers `completion/complete`. An argument that nothing completes has no values.
 * @throws {RpcError} -32602 for malformed params, and for what or whose argument is not known
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 */
export function completeArgument({ params = {}, serving, exchange }: ServedRequest): MaybePromise<Outcome> {
  const { ref, argument, context } = params
  if (!isJsonObject(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
    throw new RpcError(INVALID_PARAMS, 'params.argument must be { name, value }, both strings')
  }
  const { name, value } = argument
  const completer = completersFor(ref, serving.server).get(name)
  if (completer === undefined) throw new RpcError(INVALID_PARAMS, `unknown argument: ${JSON.stringify(name)}`)
  const settled = settledArguments(context)
  if (completer === null) return complete(completionResult([]))
  return serving.limiter.run(exchange, () => {
    const suggested = completer(value, {
      arguments: settled,
      get signal() {
        return exchange.signal
      },
    })
    return chain(suggested, (one) => complete(completionResult(one)))
  })
}

function completersFor(ref: unknown, { prompts, resources }: Server): Completers {
  if (isJsonObject(ref) && ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    const prompt = prompts.get(ref.name)
    if (prompt !== undefined) return prompt.completers
    throw new RpcError(INVALID_PARAMS, `unknown prompt: ${JSON.stringify(ref.name)}`)
  }
  if (isJsonObject(ref) && ref.type === 'ref/resource' && typeof ref.uri === 'string') {
    const template = resources.templates.get(ref.uri)
    if (template !== undefined) return template.completers
    if (resources.get(ref.uri) !== undefined) return NOTHING
    throw new RpcError(INVALID_PARAMS, `unknown resource template: ${JSON.stringify(ref.uri)}`)
  }
  throw new RpcError(INVALID_PARAMS, 'params.ref must name a prompt, or a resource by its URI or template')
}

function settledArguments(context: unknown): { [name: string]: string } {
  const given: unknown = isJsonObject(context) ? (context.arguments ?? {}) : (context ?? {})
  if (isTexts(given)) return given
  throw new RpcError(INVALID_PARAMS, 'params.context.arguments must be an object of strings')
}

function isTexts(value: unknown): value is JsonObject & { [name: string]: string } {
  return isJsonObject(value) && Object.values(value).every((one) => typeof one === 'string')
}
