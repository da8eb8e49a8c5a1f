import type { ToolAnnotations } from '@bao-mcp/protocol'
import type { JsonObject, StandardSchema } from '@bao-mcp/protocol/engine'
import { type CallContext, type Tool, type ToolResult, tool } from '@bao-mcp/server'
import type { z } from 'zod'
import { JiraApiError } from '../../jira/errors.ts'
import { TOOLS, type ToolName, type ToolOutput } from '../../shapes.ts'
import { Refusal } from './refusal.ts'

export type Arguments<Name extends ToolName> = z.output<(typeof TOOLS)[Name]['input']>

export interface JiraToolDefinition<Name extends ToolName> {
  title: string
  description: string
  annotations: ToolAnnotations
  singleUse?: boolean
  run(args: Arguments<Name>, call: CallContext): Promise<ToolOutput<Name>>
}

interface Schemas<Name extends ToolName> {
  input: StandardSchema<unknown, Arguments<Name>>
  output: StandardSchema<ToolOutput<Name>>
}
/** With types that can be looked up by a name that is not known yet. */
const SCHEMAS: { readonly [Name in ToolName]: Schemas<Name> } = TOOLS

/** Where a failed result says what failed in a form for programs. */
const ERROR_META = 'jira-bridge/error'

/** A tool with its schemas of `TOOLS`; what Jira or the bridge refuses becomes a result that says what to do. */
export function jiraTool<Name extends ToolName>(name: Name, definition: JiraToolDefinition<Name>): Tool {
  const { run, ...said } = definition
  const { input, output }: Schemas<Name> = SCHEMAS[name]
  return tool<Schemas<Name>['input'], Schemas<Name>['output']>({
    name,
    ...said,
    input,
    output,
    run: async (args, call) => {
      try {
        // proof: the input schema gives these arguments, and the output schema takes this value
        return (await run(args as Arguments<Name>, call)) as never
      } catch (error) {
        if (error instanceof JiraApiError) return failed(error, evidenceOf(error))
        if (error instanceof Refusal) return failed(error, { outcome: 'not_run' })
        throw error
      }
    },
  })
}

function failed({ message, failure }: JiraApiError | Refusal, evidence: JsonObject): ToolResult<never> {
  return {
    content: [{ type: 'text', text: message }],
    isError: true,
    _meta: { [ERROR_META]: { failure, ...evidence } },
  }
}

function evidenceOf({ status, fields, retryAfterMs, outcome }: JiraApiError): JsonObject {
  return {
    ...(status !== undefined && { status }),
    ...(Object.keys(fields).length > 0 && { fields: { ...fields } }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(outcome !== undefined && { outcome }),
  }
}

export const READS: ToolAnnotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: true }
