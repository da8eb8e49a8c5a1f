import { samples as handshake } from './2025-11-25.ts'
import { samples as stateless } from './2026-07-28.ts'
import { definition, type Sample } from './sample.ts'

/** The exported schemas of a method's params and result, or of a notification's params. */
const exported: Readonly<Record<string, readonly [string, string?]>> = {
  initialize: ['InitializeRequestParams', 'InitializeResult'],
  'server/discover': ['RequestParams', 'DiscoverResult'],
  ping: ['RequestParams', 'EmptyResult'],
  'tools/list': ['PaginatedRequestParams', 'ListToolsResult'],
  'tools/call': ['CallToolRequestParams', 'CallToolResult'],
  'resources/list': ['PaginatedRequestParams', 'ListResourcesResult'],
  'resources/templates/list': ['PaginatedRequestParams', 'ListResourceTemplatesResult'],
  'resources/read': ['ReadResourceRequestParams', 'ReadResourceResult'],
  'resources/subscribe': ['ResourceRequestParams'],
  'resources/unsubscribe': ['ResourceRequestParams'],
  'subscriptions/listen': ['SubscriptionsListenRequestParams', 'SubscriptionsListenResult'],
  'prompts/list': ['PaginatedRequestParams', 'ListPromptsResult'],
  'prompts/get': ['GetPromptRequestParams', 'GetPromptResult'],
  'completion/complete': ['CompleteRequestParams', 'CompleteResult'],
  'logging/setLevel': ['SetLevelRequestParams'],
  'sampling/createMessage': ['CreateMessageRequestParams', 'CreateMessageResult'],
  'elicitation/create': ['ElicitRequestParams', 'ElicitResult'],
  'roots/list': ['RequestParams', 'ListRootsResult'],
  'tasks/get': ['TaskRequestParams', 'GetTaskResult'],
  'tasks/result': ['TaskRequestParams', 'GetTaskPayloadResult'],
  'tasks/list': ['PaginatedRequestParams', 'ListTasksResult'],
  'tasks/cancel': ['TaskRequestParams', 'CancelTaskResult'],
  'notifications/cancelled': ['CancelledNotificationParams'],
  'notifications/progress': ['ProgressNotificationParams'],
  'notifications/message': ['LoggingMessageNotificationParams'],
  'notifications/resources/updated': ['ResourceUpdatedNotificationParams'],
  'notifications/elicitation/complete': ['ElicitationCompleteNotificationParams'],
  'notifications/tasks/status': ['TaskStatusNotificationParams'],
  'notifications/subscriptions/acknowledged': ['SubscriptionsAcknowledgedNotificationParams'],
}

/** The exported schemas of the things that stand under these members. */
const under: Readonly<Record<string, string>> = {
  tools: 'Tool',
  resources: 'Resource',
  resourceTemplates: 'ResourceTemplate',
  prompts: 'Prompt',
  roots: 'Root',
  tasks: 'Task',
  icons: 'Icon',
}
const blocks: Readonly<Record<string, string>> = {
  text: 'TextContent',
  image: 'ImageContent',
  audio: 'AudioContent',
  resource: 'EmbeddedResource',
  resource_link: 'ResourceLink',
  tool_use: 'ToolUseContent',
  tool_result: 'ToolResultContent',
}

function nameOf({ place, name, value }: Sample): string | undefined {
  const [params, result] = exported[name] ?? []
  if (place !== 'result') return place === 'client' || place === 'server' ? name : params
  const members = JSON.stringify(value)
  if (members.includes('"task":')) return 'CreateTaskResult'
  return members.includes('"input_required","') || members.includes('"requestState"') ? 'InputRequiredResult' : result
}

/** Everything inside a value that has a schema of its own. */
function inside(value: unknown, name?: string): Sample[] {
  if (Array.isArray(value)) return value.flatMap((inner) => inside(inner, name))
  if (typeof value !== 'object' || value === null) return []
  const block = 'type' in value && typeof value.type === 'string' ? blocks[value.type] : undefined
  const here = name ?? block
  return [
    ...(here ? [definition(here, value)] : []),
    ...Object.entries(value).flatMap(([key, inner]) => inside(inner, Array.isArray(inner) ? under[key] : undefined)),
  ]
}

const messages = [...handshake, ...stateless]
  .filter(({ place }) => place === 'message')
  .map(({ value }) => definition('JsonRpcMessage', value))

const whole = [...handshake, ...stateless].flatMap((sample) => {
  const name = nameOf(sample)
  return name && sample.value !== undefined ? [definition(name, sample.value)] : []
})

/** Samples of the exported schemas by their names, each value once. */
export const named: readonly Sample[] = [
  ...new Map(
    [...messages, ...whole, ...whole.flatMap(({ value }) => inside(value))].map((one) => [
      `${one.name} ${JSON.stringify(one.value)}`,
      one,
    ]),
  ).values(),
]
