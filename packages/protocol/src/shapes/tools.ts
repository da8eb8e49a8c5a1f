import { z } from 'zod'
import { JsonObject } from './base.ts'
import { ContentBlock } from './content.ts'
import { InputResponseRequestParams } from './input-required.ts'
import { CacheableResult, PaginatedResult, Result } from './results.ts'
import { TaskMetadata } from './tasks.ts'
import { Tool } from './tool.ts'

export { Tool, ToolAnnotations, ToolChoice, ToolExecution } from './tool.ts'

/** One page of `tools/list`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listtoolsresult */
export const ListToolsResult = PaginatedResult.extend({ ...CacheableResult.shape, tools: z.array(Tool) })
export type ListToolsResult = z.infer<typeof ListToolsResult>

/** Params of `tools/call`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#calltoolrequestparams */
export const CallToolRequestParams = InputResponseRequestParams.extend({
  name: z.string(),
  arguments: JsonObject.optional(),
  task: TaskMetadata.optional(),
})
export type CallToolRequestParams = z.infer<typeof CallToolRequestParams>

/** What a tool answered; `structuredContent` is any JSON value, present even when null, and `isError` marks the tool's own failure. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#calltoolresult */
export const CallToolResult = Result.extend({
  content: z.array(ContentBlock),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
})
export type CallToolResult = z.infer<typeof CallToolResult>
