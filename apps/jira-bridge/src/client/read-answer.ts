import type { ToolResult } from '@bao-mcp/client'
import { z } from 'zod'
import { describe } from './check-input.ts'
import { JiraError } from './jira-error.ts'
import type { JiraMapping, OperationMapping } from './mapping-rules.ts'
import type { CheckedInput, OperationName, OperationOutput } from './operations.ts'
import { toolFailure } from './tool-failures.ts'

/**
 * The answer of a tool in our own words. A server's answer is not trusted.
 * @throws {JiraError} the tool's own failure; `failed` for what is no answer, or `outcome_unknown` after a write
 */
export function readAnswer<Name extends OperationName>(parts: {
  readonly result: ToolResult
  readonly mapping: JiraMapping
  readonly operation: OperationMapping<Name>
  readonly input: CheckedInput<Name>
  readonly isWrite: boolean
}): OperationOutput<Name> {
  const { result, mapping, operation, input, isWrite } = parts
  const { tool } = operation
  const { failures } = mapping
  const words = textOf(result)
  if (result.isError === true) {
    throw toolFailure({ tool, words, isWrite, failures, evidence: [result._meta, result.structuredContent] })
  }
  try {
    const answer = mapping.answers === 'structured' && result.structured !== undefined ? result.structured : json(words)
    const soft = mapping.softFailure?.(answer)
    if (soft !== undefined) throw toolFailure({ tool, words: soft, isWrite, failures })
    return operation.read(answer, input)
  } catch (cause) {
    if (cause instanceof JiraError) throw cause
    const fault = cause instanceof z.ZodError ? describe(cause) : 'it is no JSON'
    const advice = isWrite ? '; it was probably done: look before you repeat it' : ''
    const message = `${tool} answered something else than ${mapping.name} does: ${fault}${advice}`
    throw new JiraError(isWrite ? 'outcome_unknown' : 'failed', message, { tool, cause })
  }
}

function textOf({ content }: ToolResult): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

function json(words: string): unknown {
  return JSON.parse(words)
}
