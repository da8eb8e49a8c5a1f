export { type LogLevel, RpcError } from '@bao-mcp/protocol/engine'
export { type ServerConnection, serveChannel } from './connection.ts'
export type { CallContext, Question, Questions } from './context.ts'
export { ToolError } from './errors.ts'
export type { Extension, ExtensionMethod, ExtensionTopic, Listener } from './extension.ts'
export { HubError } from './hub/error.ts'
export { type MemoryHubLimits, memoryHub } from './hub/memory.ts'
export type { AppendOptions, Follower, Hub } from './hub/port.ts'
export { type RedisHubOptions, redisHub } from './hub/redis.ts'
export { forMethod, type MethodTypes, type Middleware, type Next } from './middleware.ts'
export type { Registry } from './registry/catalogue.ts'
export type { Completer, CompletionContext, Suggestions } from './registry/completion-values.ts'
export { InputRequired, inputRequired } from './registry/input-required.ts'
export {
  type Prompt,
  type PromptArgumentDefinition,
  type PromptArguments,
  type PromptDefinition,
  type PromptReturn,
  prompt,
} from './registry/prompt.ts'
export type { PromptRegistry } from './registry/prompts.ts'
export {
  type Contents,
  type ReadReturn,
  type Resource,
  type ResourceDefinition,
  type ResourceDescription,
  resource,
} from './registry/resource.ts'
export {
  type ResourceTemplate,
  type ResourceTemplateDefinition,
  resourceTemplate,
} from './registry/resource-template.ts'
export type { ResourceRegistry } from './registry/resources.ts'
export {
  type Tool,
  type ToolArguments,
  type ToolDefinition,
  type ToolResult,
  type ToolReturn,
  tool,
} from './registry/tool.ts'
export type { ToolRegistry } from './registry/tools.ts'
export type { CapabilityName } from './rounds/capability.ts'
export type { SealOptions } from './rounds/sealed-state.ts'
export { createServer, type Server, type ServerOptions } from './server.ts'
export type { ServeOptions, ServerLog } from './serving.ts'
export { createLogger, type LogThreshold } from './stdio/log.ts'
export { type StdioOptions, serveStdio } from './stdio/serve.ts'
