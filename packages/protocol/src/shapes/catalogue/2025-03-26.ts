import { z } from 'zod'
import { JsonObject } from '../base.ts'
import { ClientCapabilities, ServerCapabilities } from '../capabilities.ts'
import { AudioContent, EmbeddedResource, ImageContent, TextContent } from '../content.ts'
import { GetPromptRequestParams, GetPromptResult, PromptMessage } from '../prompts.ts'
import { PaginatedRequestParams } from '../results.ts'
import { CallToolRequestParams, CallToolResult, ListToolsResult } from '../tools.ts'
import { handshakeOf, catalogue as next } from './2025-06-18.ts'
import { Tool20251125 } from './2025-11-25.ts'
import { type Catalogue, type MethodShapes, without } from './catalogue.ts'

const clientCapabilities = ClientCapabilities.omit({ extensions: true, tasks: true, elicitation: true }).extend({
  sampling: JsonObject.optional(),
})
const serverCapabilities = ServerCapabilities.omit({ extensions: true, tasks: true })

/** What carries content blocks, for a revision with these kinds of block and no structured content. */
export function contentOf(block: z.ZodType): MethodShapes['requests'] {
  return {
    'tools/call': {
      direction: 'client',
      params: CallToolRequestParams.omit({ task: true }),
      result: CallToolResult.extend({ content: z.array(block) }),
    },
    'prompts/get': {
      direction: 'client',
      params: GetPromptRequestParams,
      result: GetPromptResult.extend({ messages: z.array(PromptMessage.extend({ content: block })) }),
    },
  }
}

/** 2025-03-26: no elicitation, no structured output, no resource links; the only revision with batches. @see https://modelcontextprotocol.io/specification/2025-03-26 */
export const catalogue: Catalogue = {
  requests: {
    ...without(next.requests, ['elicitation/create']),
    ...contentOf(z.discriminatedUnion('type', [TextContent, ImageContent, AudioContent, EmbeddedResource])),
    initialize: { direction: 'client', ...handshakeOf(clientCapabilities, serverCapabilities) },
    'tools/list': {
      direction: 'client',
      params: PaginatedRequestParams.optional(),
      result: ListToolsResult.extend({ tools: z.array(Tool20251125.omit({ outputSchema: true })) }),
    },
  },
  notifications: next.notifications,
  inputs: {},
  clientCapabilities,
  serverCapabilities,
}
