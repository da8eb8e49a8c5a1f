import { z } from 'zod'
import { JsonObject, RequestId } from '../base.ts'
import { ClientCapabilities, ServerCapabilities } from '../capabilities.ts'
import { AudioContent, ImageContent, TextContent } from '../content.ts'
import { ElicitRequestFormParams, ElicitResult } from '../elicitation.ts'
import { BooleanSchema, LegacyTitledEnumSchema, NumberSchema, StringSchema } from '../elicitation-schemas.ts'
import { CancelledNotificationParams, InitializeRequestParams, InitializeResult } from '../lifecycle.ts'
import { CreateMessageRequestParams, CreateMessageResult, SamplingMessage } from '../sampling.ts'
import { CallToolRequestParams } from '../tools.ts'
import { CallToolResult20251125, catalogue as next } from './2025-11-25.ts'
import { type Catalogue, type MethodShapes, without } from './catalogue.ts'

const clientCapabilities = ClientCapabilities.omit({ extensions: true, tasks: true }).extend({
  sampling: JsonObject.optional(),
  elicitation: JsonObject.optional(),
})
const serverCapabilities = ServerCapabilities.omit({ extensions: true, tasks: true })

/** How a model is sampled where a message is exactly one of some kinds of block, and no tools are used. */
export function samplingOf(content: z.ZodType): { params: z.ZodType; result: z.ZodType } {
  return {
    params: CreateMessageRequestParams.omit({ task: true, tools: true, toolChoice: true }).extend({
      messages: z.array(SamplingMessage.extend({ content })),
    }),
    result: CreateMessageResult.extend({ content }),
  }
}

/** The handshake of a revision with these capabilities. */
export function handshakeOf(client: z.ZodType, server: z.ZodType): { params: z.ZodType; result: z.ZodType } {
  return {
    params: InitializeRequestParams.extend({ capabilities: client }),
    result: InitializeResult.extend({ capabilities: server }),
  }
}

const plain: { default: true } = { default: true }
const field = z.union([
  StringSchema.omit(plain),
  NumberSchema.omit(plain),
  BooleanSchema,
  LegacyTitledEnumSchema.omit(plain),
])
const value = z.union([z.string(), z.number(), z.boolean()])

const requests: MethodShapes['requests'] = {
  ...without(next.requests, ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel']),
  initialize: { direction: 'client', ...handshakeOf(clientCapabilities, serverCapabilities) },
  'tools/call': {
    direction: 'client',
    params: CallToolRequestParams.omit({ task: true }),
    result: CallToolResult20251125,
  },
  'sampling/createMessage': {
    direction: 'server',
    ...samplingOf(z.discriminatedUnion('type', [TextContent, ImageContent, AudioContent])),
  },
  'elicitation/create': {
    direction: 'server',
    params: ElicitRequestFormParams.omit({ mode: true, task: true }).extend({
      requestedSchema: ElicitRequestFormParams.shape.requestedSchema.extend({
        properties: z.record(z.string(), field),
      }),
    }),
    result: ElicitResult.extend({ content: z.record(z.string(), value).optional() }),
  },
}

/** 2025-06-18: forms only, one block per sampled message, no tasks. @see https://modelcontextprotocol.io/specification/2025-06-18 */
export const catalogue: Catalogue = {
  requests,
  notifications: {
    ...without(next.notifications, ['notifications/elicitation/complete', 'notifications/tasks/status']),
    'notifications/cancelled': {
      direction: 'both',
      params: CancelledNotificationParams.extend({ requestId: RequestId }),
    },
  },
  inputs: {},
  clientCapabilities,
  serverCapabilities,
}
