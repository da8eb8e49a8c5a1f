import { z } from 'zod'
import { BaseMetadata, Integer } from './base.ts'
import { RequestParams } from './meta.ts'
import { Result } from './results.ts'

/** Names a prompt. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#promptreference */
export const PromptReference = BaseMetadata.extend({ type: z.literal('ref/prompt') })
export type PromptReference = z.infer<typeof PromptReference>

/** Names a resource or a template by its uri. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcetemplatereference */
export const ResourceTemplateReference = z.looseObject({ type: z.literal('ref/resource'), uri: z.string() })
export type ResourceTemplateReference = z.infer<typeof ResourceTemplateReference>

/** Params of `completion/complete`; `context` holds the arguments already settled. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#completerequestparams */
export const CompleteRequestParams = RequestParams.extend({
  ref: z.discriminatedUnion('type', [PromptReference, ResourceTemplateReference]),
  argument: z.looseObject({ name: z.string(), value: z.string() }),
  context: z.looseObject({ arguments: z.record(z.string(), z.string()).optional() }).optional(),
})
export type CompleteRequestParams = z.infer<typeof CompleteRequestParams>

/** What a value may become, best first; a server sends at most 100. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#completeresult */
export const CompleteResult = Result.extend({
  completion: z.looseObject({
    values: z.array(z.string()),
    total: Integer.optional(),
    hasMore: z.boolean().optional(),
  }),
})
export type CompleteResult = z.infer<typeof CompleteResult>
