import { z } from 'zod'
import { JsonObject } from '../base.ts'
import { ClientCapabilities, ServerCapabilities } from '../capabilities.ts'
import { CompleteRequestParams, CompleteResult } from '../completion.ts'
import { AudioContent, ImageContent, TextContent, ToolResultContent, ToolUseContent } from '../content.ts'
import {
  ElicitationCompleteNotificationParams,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
} from '../elicitation.ts'
import {
  CancelledNotificationParams,
  InitializeRequestParams,
  InitializeResult,
  ProgressNotificationParams,
} from '../lifecycle.ts'
import { LoggingMessageNotificationParams, SetLevelRequestParams } from '../logging.ts'
import { NotificationParams, RequestParams } from '../meta.ts'
import { GetPromptRequestParams, GetPromptResult, ListPromptsResult } from '../prompts.ts'
import {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceRequestParams,
  ReadResourceResult,
  ResourceRequestParams,
  ResourceUpdatedNotificationParams,
} from '../resources.ts'
import { EmptyResult, PaginatedRequestParams } from '../results.ts'
import { ListRootsResult } from '../roots.ts'
import { CreateMessageRequestParams, CreateMessageResult, SamplingMessage } from '../sampling.ts'
import {
  CancelTaskResult,
  CreateTaskResult,
  GetTaskPayloadResult,
  GetTaskResult,
  ListTasksResult,
  TaskRequestParams,
  TaskStatusNotificationParams,
} from '../tasks.ts'
import { CallToolRequestParams, CallToolResult, ListToolsResult, Tool } from '../tools.ts'
import type { Catalogue, MethodShapes } from './catalogue.ts'

/** A tool's schema before it could be any JSON Schema: an object, its properties and what is required. */
const ObjectSchema = z.looseObject({
  $schema: z.string().optional(),
  type: z.literal('object'),
  properties: z.record(z.string(), JsonObject).optional(),
  required: z.array(z.string()).optional(),
})

/** A tool of 2025-11-25. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#tool */
export const Tool20251125 = Tool.extend({ inputSchema: ObjectSchema, outputSchema: ObjectSchema.optional() })

/** A tool's answer whose structured content is an object. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#calltoolresult */
export const CallToolResult20251125 = CallToolResult.extend({ structuredContent: JsonObject.optional() })

const block = z.discriminatedUnion('type', [
  TextContent,
  ImageContent,
  AudioContent,
  ToolUseContent,
  ToolResultContent.extend({ structuredContent: JsonObject.optional() }),
])
const content = z.union([block, z.array(block)])

const requests = {
  initialize: {
    direction: 'client',
    params: InitializeRequestParams.extend({ capabilities: ClientCapabilities.omit({ extensions: true }) }),
    result: InitializeResult.extend({ capabilities: ServerCapabilities.omit({ extensions: true }) }),
  },
  ping: { direction: 'both', params: RequestParams.optional(), result: EmptyResult },
  'tools/list': {
    direction: 'client',
    params: PaginatedRequestParams.optional(),
    result: ListToolsResult.extend({ tools: z.array(Tool20251125) }),
  },
  'tools/call': {
    direction: 'client',
    params: CallToolRequestParams,
    result: z.union([CallToolResult20251125, CreateTaskResult]),
  },
  'resources/list': { direction: 'client', params: PaginatedRequestParams.optional(), result: ListResourcesResult },
  'resources/templates/list': {
    direction: 'client',
    params: PaginatedRequestParams.optional(),
    result: ListResourceTemplatesResult,
  },
  'resources/read': { direction: 'client', params: ReadResourceRequestParams, result: ReadResourceResult },
  'resources/subscribe': { direction: 'client', params: ResourceRequestParams, result: EmptyResult },
  'resources/unsubscribe': { direction: 'client', params: ResourceRequestParams, result: EmptyResult },
  'prompts/list': { direction: 'client', params: PaginatedRequestParams.optional(), result: ListPromptsResult },
  'prompts/get': { direction: 'client', params: GetPromptRequestParams, result: GetPromptResult },
  'completion/complete': { direction: 'client', params: CompleteRequestParams, result: CompleteResult },
  'logging/setLevel': { direction: 'client', params: SetLevelRequestParams, result: EmptyResult },
  'sampling/createMessage': {
    direction: 'server',
    params: CreateMessageRequestParams.extend({
      messages: z.array(SamplingMessage.extend({ content })),
      tools: z.array(Tool20251125).optional(),
    }),
    result: z.union([CreateMessageResult.extend({ content }), CreateTaskResult]),
  },
  'elicitation/create': {
    direction: 'server',
    params: z.union([ElicitRequestFormParams, ElicitRequestURLParams.extend({ elicitationId: z.string() })]),
    result: z.union([ElicitResult, CreateTaskResult]),
  },
  'roots/list': { direction: 'server', params: RequestParams.optional(), result: ListRootsResult },
  'tasks/get': { direction: 'both', params: TaskRequestParams, result: GetTaskResult },
  'tasks/result': { direction: 'both', params: TaskRequestParams, result: GetTaskPayloadResult },
  'tasks/list': { direction: 'both', params: PaginatedRequestParams.optional(), result: ListTasksResult },
  'tasks/cancel': { direction: 'both', params: TaskRequestParams, result: CancelTaskResult },
} satisfies MethodShapes['requests']

/** 2025-11-25: sessions, two ways of eliciting, tool use in sampling, experimental tasks. @see https://modelcontextprotocol.io/specification/2025-11-25 */
export const catalogue: Catalogue = {
  requests,
  notifications: {
    'notifications/initialized': { direction: 'client', params: NotificationParams.optional() },
    'notifications/cancelled': { direction: 'both', params: CancelledNotificationParams },
    'notifications/progress': { direction: 'both', params: ProgressNotificationParams },
    'notifications/message': { direction: 'server', params: LoggingMessageNotificationParams },
    'notifications/tools/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/prompts/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/resources/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/resources/updated': { direction: 'server', params: ResourceUpdatedNotificationParams },
    'notifications/roots/list_changed': { direction: 'client', params: NotificationParams.optional() },
    'notifications/elicitation/complete': { direction: 'server', params: ElicitationCompleteNotificationParams },
    'notifications/tasks/status': { direction: 'both', params: TaskStatusNotificationParams },
  },
  inputs: {},
  clientCapabilities: requests.initialize.params.shape.capabilities,
  serverCapabilities: requests.initialize.result.shape.capabilities,
}
