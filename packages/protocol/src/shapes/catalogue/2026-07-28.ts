import { z } from 'zod'
import { CacheScope, Integer, JsonObject, RequestId } from '../base.ts'
import { ClientCapabilities, ServerCapabilities } from '../capabilities.ts'
import { CompleteRequestParams, CompleteResult } from '../completion.ts'
import { ElicitRequestParams, ElicitResult } from '../elicitation.ts'
import { InputRequiredResult } from '../input-required.ts'
import { CancelledNotificationParams, DiscoverResult, ProgressNotificationParams } from '../lifecycle.ts'
import { LoggingMessageNotificationParams } from '../logging.ts'
import { NotificationParams, RequestMeta, RequestParams, ResultMeta } from '../meta.ts'
import { GetPromptRequestParams, GetPromptResult, ListPromptsResult } from '../prompts.ts'
import {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceRequestParams,
  ReadResourceResult,
  ResourceUpdatedNotificationParams,
} from '../resources.ts'
import { PaginatedRequestParams } from '../results.ts'
import { ListRootsResult } from '../roots.ts'
import { CreateMessageRequestParams, CreateMessageResult } from '../sampling.ts'
import {
  SubscriptionsAcknowledgedNotificationParams,
  SubscriptionsListenRequestParams,
  SubscriptionsListenResult,
} from '../subscriptions.ts'
import { CallToolRequestParams, CallToolResult, ListToolsResult, Tool } from '../tools.ts'
import type { Catalogue, MethodShapes } from './catalogue.ts'

const clientCapabilities = ClientCapabilities.omit({ tasks: true }).extend({ roots: JsonObject.optional() })
const serverCapabilities = ServerCapabilities.omit({ tasks: true })

const meta = RequestMeta.extend({
  'io.modelcontextprotocol/protocolVersion': z.string(),
  'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
})

/** Demands the metadata that makes a request self-describing. */
export function describing(params: z.ZodObject): z.ZodObject {
  return params.extend({ _meta: meta })
}

/** A finished result, which says so and may name its server. */
export function complete(result: z.ZodObject): z.ZodObject {
  return result.extend({ resultType: z.literal('complete'), _meta: ResultMeta.optional() })
}

function cacheable(result: z.ZodObject): z.ZodObject {
  return complete(result).extend({ ttlMs: Integer.min(0), cacheScope: CacheScope })
}

const inputRequired = InputRequiredResult.safeExtend({ _meta: ResultMeta.optional() })

/** What `tools/call` answers: a finished result, or questions. */
export const callToolResult: z.ZodType = z.union([complete(CallToolResult), inputRequired])

const requests: MethodShapes['requests'] = {
  'server/discover': {
    direction: 'client',
    params: describing(RequestParams),
    result: cacheable(DiscoverResult.extend({ capabilities: serverCapabilities })),
  },
  'tools/list': {
    direction: 'client',
    params: describing(PaginatedRequestParams),
    result: cacheable(ListToolsResult.extend({ tools: z.array(Tool.omit({ execution: true })) })),
  },
  'tools/call': {
    direction: 'client',
    params: describing(CallToolRequestParams.omit({ task: true })),
    result: callToolResult,
  },
  'resources/list': {
    direction: 'client',
    params: describing(PaginatedRequestParams),
    result: cacheable(ListResourcesResult),
  },
  'resources/templates/list': {
    direction: 'client',
    params: describing(PaginatedRequestParams),
    result: cacheable(ListResourceTemplatesResult),
  },
  'resources/read': {
    direction: 'client',
    params: describing(ReadResourceRequestParams),
    result: z.union([cacheable(ReadResourceResult), inputRequired]),
  },
  'prompts/list': {
    direction: 'client',
    params: describing(PaginatedRequestParams),
    result: cacheable(ListPromptsResult),
  },
  'prompts/get': {
    direction: 'client',
    params: describing(GetPromptRequestParams),
    result: z.union([complete(GetPromptResult), inputRequired]),
  },
  'completion/complete': {
    direction: 'client',
    params: describing(CompleteRequestParams),
    result: complete(
      CompleteResult.extend({
        completion: CompleteResult.shape.completion.extend({ values: z.array(z.string()).max(100) }),
      }),
    ),
  },
  'subscriptions/listen': {
    direction: 'client',
    params: describing(SubscriptionsListenRequestParams),
    result: SubscriptionsListenResult.extend({ resultType: z.literal('complete') }),
  },
}

/** 2026-07-28: stateless, self-describing requests, questions inside results. @see https://modelcontextprotocol.io/specification/2026-07-28 */
export const catalogue: Catalogue = {
  requests,
  notifications: {
    'notifications/cancelled': {
      direction: 'both',
      params: CancelledNotificationParams.extend({ requestId: RequestId }),
    },
    'notifications/progress': { direction: 'server', params: ProgressNotificationParams },
    'notifications/message': { direction: 'server', params: LoggingMessageNotificationParams },
    'notifications/tools/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/prompts/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/resources/list_changed': { direction: 'server', params: NotificationParams.optional() },
    'notifications/resources/updated': { direction: 'server', params: ResourceUpdatedNotificationParams },
    'notifications/subscriptions/acknowledged': {
      direction: 'server',
      params: SubscriptionsAcknowledgedNotificationParams,
    },
  },
  inputs: {
    'sampling/createMessage': { params: CreateMessageRequestParams, result: CreateMessageResult },
    'elicitation/create': { params: ElicitRequestParams, result: ElicitResult },
    'roots/list': { params: RequestParams.optional(), result: ListRootsResult },
  },
  clientCapabilities,
  serverCapabilities,
}
