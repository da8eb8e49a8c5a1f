import { z } from 'zod'
import { Icon, Meta } from './base.ts'

/** Untrusted hints about what a tool does. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#toolannotations */
export const ToolAnnotations = z.looseObject({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
})
export type ToolAnnotations = z.infer<typeof ToolAnnotations>

/** How a tool may be called in 2025-11-25; an absent `taskSupport` means `forbidden`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#toolexecution */
export const ToolExecution = z.looseObject({ taskSupport: z.enum(['forbidden', 'optional', 'required']).optional() })
export type ToolExecution = z.infer<typeof ToolExecution>

/** A tool as it is listed: any JSON Schema keyword may stand in its schemas and is kept. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#tool */
export const Tool = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal('object'), $schema: z.string().optional() }),
  outputSchema: z.looseObject({ $schema: z.string().optional() }).optional(),
  annotations: ToolAnnotations.optional(),
  execution: ToolExecution.optional(),
  icons: z.array(Icon).optional(),
  _meta: Meta.optional(),
})
export interface Tool extends z.infer<typeof Tool> {}

/** Whether a sampled model may or must use tools; an absent `mode` means `auto`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#toolchoice */
export const ToolChoice = z.looseObject({ mode: z.enum(['auto', 'required', 'none']).optional() })
export interface ToolChoice extends z.infer<typeof ToolChoice> {}
