import { z } from 'zod'
import { BaseMetadata, Icon, Meta, Role } from './base.ts'
import { ContentBlock } from './content.ts'
import { InputResponseRequestParams } from './input-required.ts'
import { CacheableResult, PaginatedResult, Result } from './results.ts'

/** One argument of a prompt; its value is always text. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#promptargument */
export const PromptArgument = BaseMetadata.extend({
  description: z.string().optional(),
  required: z.boolean().optional(),
})
export type PromptArgument = z.infer<typeof PromptArgument>

/** A prompt as it is listed. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#prompt */
export const Prompt = BaseMetadata.extend({
  description: z.string().optional(),
  arguments: z.array(PromptArgument).optional(),
  icons: z.array(Icon).optional(),
  _meta: Meta.optional(),
})
export type Prompt = z.infer<typeof Prompt>

/** One message of a prompt: a single block. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#promptmessage */
export const PromptMessage = z.looseObject({ role: Role, content: ContentBlock })
export type PromptMessage = z.infer<typeof PromptMessage>

/** One page of `prompts/list`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listpromptsresult */
export const ListPromptsResult = PaginatedResult.extend({ ...CacheableResult.shape, prompts: z.array(Prompt) })
export type ListPromptsResult = z.infer<typeof ListPromptsResult>

/** Params of `prompts/get`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#getpromptrequestparams */
export const GetPromptRequestParams = InputResponseRequestParams.extend({
  name: z.string(),
  arguments: z.record(z.string(), z.string()).optional(),
})
export type GetPromptRequestParams = z.infer<typeof GetPromptRequestParams>

/** A prompt filled in. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#getpromptresult */
export const GetPromptResult = Result.extend({
  description: z.string().optional(),
  messages: z.array(PromptMessage),
})
export type GetPromptResult = z.infer<typeof GetPromptResult>
