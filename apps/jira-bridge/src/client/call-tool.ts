import type { RequestOptions, ServerHandle, ToolResult } from '@bao-mcp/client'
import { callFailure, isWayBroken } from './call-failures.ts'
import { checkInput, mustFit } from './check-input.ts'
import { chooseMapping, type OfferedTool, offered } from './choose-mapping.ts'
import { JiraError } from './jira-error.ts'
import { type JiraMapping, type OperationMapping, toArguments } from './mapping-rules.ts'
import { OPERATIONS, type OperationInput, type OperationName, type OperationOutput } from './operations.ts'
import { readAnswer } from './read-answer.ts'

export type JiraCallOptions = Pick<RequestOptions, 'signal' | 'timeoutMs' | 'maxTotalTimeoutMs' | 'onProgress'>

/** Does operations with whatever tools the server has for them. */
export interface Operations {
  /** Found out with the first call. @throws {JiraError} */
  mapping(signal?: AbortSignal): Promise<JiraMapping>
  /**
   * Input and answer are checked against our own words. A read whose connection breaks is sent once more, a write never.
   * @throws {JiraError}
   * @throws the reason of `signal`
   */
  run<Name extends OperationName>(
    name: Name,
    input: OperationInput<Name>,
    options?: JiraCallOptions,
  ): Promise<OperationOutput<Name>>
}

/** The part of a server's handle that is used. */
export type Callee = Pick<ServerHandle, 'callTool' | 'listTools'>

/** @param options `mapping` to use; default: the one the server's tools fit */
export function createOperations(
  server: Callee,
  options: { readonly mapping?: JiraMapping | undefined; readonly timeoutMs: number },
): Operations {
  const { timeoutMs } = options
  let chosen = options.mapping

  async function mapping(signal?: AbortSignal): Promise<JiraMapping> {
    chosen ??= chooseMapping(await tools(signal))
    return chosen
  }

  async function tools(signal: AbortSignal | undefined): Promise<readonly OfferedTool[]> {
    try {
      return (await server.listTools({ signal })).map(({ name, inputSchema }) => ({ name, inputSchema }))
    } catch (error) {
      throw callFailure(error, { tool: 'tools/list', isWrite: false })
    }
  }

  async function missing(
    name: OperationName,
    used: JiraMapping,
    { signal, cause }: { signal: AbortSignal | undefined; cause?: unknown },
  ): Promise<JiraError> {
    const tool = used.operations[name]?.tool
    const what =
      tool === undefined ? `${used.name} has no tool for ${name}` : `the server has no tool ${tool} at present`
    return new JiraError('unsupported', `${what}; ${offered(await tools(signal))}`, { tool, cause })
  }

  async function send(
    tool: string,
    args: Record<string, unknown>,
    call: JiraCallOptions,
    isWrite: boolean,
  ): Promise<ToolResult> {
    const sent = {
      ...call,
      timeoutMs: call.timeoutMs ?? timeoutMs,
      output: false as const,
      ...(isWrite && { maxRetries: 0 }),
    }
    try {
      return await server.callTool(tool, args, sent)
    } catch (error) {
      if (isWrite || !isWayBroken(error)) throw error
      return await server.callTool(tool, args, sent)
    }
  }

  return {
    mapping,
    async run<Name extends OperationName>(name: Name, input: OperationInput<Name>, call: JiraCallOptions = {}) {
      const { isWrite } = OPERATIONS[name]
      const checked = checkInput(name, input)
      const used = await mapping(call.signal)
      const operation: OperationMapping<Name> | undefined = used.operations[name]
      if (operation === undefined) throw await missing(name, used, { signal: call.signal })
      mustFit(operation, input, used)
      const { tool } = operation
      try {
        const result = await send(tool, toArguments(operation.arguments, checked), call, isWrite)
        return readAnswer({ result, mapping: used, operation, input: checked, isWrite })
      } catch (error) {
        const failure = callFailure(error, { tool, isWrite })
        const isMissing = error !== failure && failure instanceof JiraError && failure.code === 'unsupported'
        throw isMissing ? await missing(name, used, { signal: call.signal, cause: error }) : failure
      }
    },
  }
}
