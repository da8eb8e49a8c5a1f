export {
  Annotations,
  BaseMetadata,
  CacheScope,
  Cursor,
  Icon,
  Implementation,
  Integer,
  JsonObject,
  LoggingLevel,
  Meta,
  ProgressToken,
  RequestId,
  Role,
} from './base.ts'
export { ClientCapabilities, ServerCapabilities } from './capabilities.ts'
export type {
  CallShape,
  Catalogue,
  Direction,
  MethodShapes,
  NotificationShape,
  RequestShape,
} from './catalogue/catalogue.ts'
export { catalogues, type RevisionDate } from './catalogue/index.ts'
export { tasksExtension } from './catalogue/tasks-extension.ts'
export { CompleteRequestParams, CompleteResult, PromptReference, ResourceTemplateReference } from './completion.ts'
export {
  AudioContent,
  ContentBlock,
  EmbeddedResource,
  ImageContent,
  ResourceContents,
  ResourceLink,
  TextContent,
  ToolResultContent,
  ToolUseContent,
} from './content.ts'
export {
  ElicitationCompleteNotificationParams,
  ElicitedValue,
  ElicitRequest,
  ElicitRequestFormParams,
  ElicitRequestParams,
  ElicitRequestURLParams,
  ElicitResult,
} from './elicitation.ts'
export {
  BooleanSchema,
  EnumSchema,
  LegacyTitledEnumSchema,
  MultiSelectEnumSchema,
  NumberSchema,
  PrimitiveSchemaDefinition,
  SingleSelectEnumSchema,
  StringSchema,
  TitledMultiSelectEnumSchema,
  TitledSingleSelectEnumSchema,
  UntitledMultiSelectEnumSchema,
  UntitledSingleSelectEnumSchema,
} from './elicitation-schemas.ts'
export {
  ErrorObject,
  JsonRpcBatchRequest,
  JsonRpcBatchResponse,
  JsonRpcErrorResponse,
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResponse,
  JsonRpcResultResponse,
} from './envelope.ts'
export {
  HeaderMismatchError,
  InternalError,
  InvalidParamsError,
  InvalidRequestError,
  MethodNotFoundError,
  MissingRequiredClientCapabilityError,
  ParseError,
  UnsupportedProtocolVersionError,
  URLElicitationRequiredError,
} from './errors.ts'
export {
  InputRequest,
  InputRequests,
  InputRequiredResult,
  InputResponse,
  InputResponseRequestParams,
  InputResponses,
} from './input-required.ts'
export {
  CancelledNotificationParams,
  DiscoverResult,
  InitializeRequestParams,
  InitializeResult,
  ProgressNotificationParams,
} from './lifecycle.ts'
export { LoggingMessageNotificationParams, SetLevelRequestParams } from './logging.ts'
export { NotificationMeta, NotificationParams, RequestMeta, RequestParams, ResultMeta } from './meta.ts'
export {
  GetPromptRequestParams,
  GetPromptResult,
  ListPromptsResult,
  Prompt,
  PromptArgument,
  PromptMessage,
} from './prompts.ts'
export {
  AnyResourceContents,
  BlobResourceContents,
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceRequestParams,
  ReadResourceResult,
  Resource,
  ResourceRequestParams,
  ResourceTemplate,
  ResourceUpdatedNotificationParams,
  TextResourceContents,
} from './resources.ts'
export { CacheableResult, EmptyResult, PaginatedRequestParams, PaginatedResult, Result } from './results.ts'
export { ListRootsRequest, ListRootsResult, Root } from './roots.ts'
export {
  CreateMessageRequest,
  CreateMessageRequestParams,
  CreateMessageResult,
  ModelHint,
  ModelPreferences,
  SamplingContent,
  SamplingMessage,
  SamplingMessageContentBlock,
} from './sampling.ts'
export {
  SubscriptionFilter,
  SubscriptionsAcknowledgedNotificationParams,
  SubscriptionsListenRequestParams,
  SubscriptionsListenResult,
  SubscriptionsListenResultMeta,
} from './subscriptions.ts'
export {
  CancelTaskResult,
  CreateTaskResult,
  GetTaskPayloadResult,
  GetTaskResult,
  ListTasksResult,
  RelatedTaskMetadata,
  Task,
  TaskAugmentedRequestParams,
  TaskMetadata,
  TaskRequestParams,
  TaskStatus,
  TaskStatusNotificationParams,
} from './tasks.ts'
export {
  DetailedTask,
  ExtensionCreateTaskResult,
  ExtensionTask,
  ExtensionTaskRequestParams,
  GetDetailedTaskResult,
  TaskNotificationParams,
  TaskSubscriptionFilter,
  UpdateTaskRequestParams,
} from './tasks-extension.ts'
export {
  CallToolRequestParams,
  CallToolResult,
  ListToolsResult,
  Tool,
  ToolAnnotations,
  ToolChoice,
  ToolExecution,
} from './tools.ts'
