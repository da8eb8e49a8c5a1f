import { z } from 'zod'
import { Integer, JsonObject, Meta, Role } from './base.ts'
import { AudioContent, ImageContent, TextContent, ToolResultContent, ToolUseContent } from './content.ts'
import { Result } from './results.ts'
import { TaskAugmentedRequestParams } from './tasks.ts'
import { Tool, ToolChoice } from './tool.ts'

/** Part of a model's name that the client may match. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#modelhint */
export const ModelHint = z.looseObject({ name: z.string().optional() })
export type ModelHint = z.infer<typeof ModelHint>

/** What a server would like of the model; hints are tried in order, priorities run from 0 to 1. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#modelpreferences */
export const ModelPreferences = z.looseObject({
  hints: z.array(ModelHint).optional(),
  costPriority: z.number().min(0).max(1).optional(),
  speedPriority: z.number().min(0).max(1).optional(),
  intelligencePriority: z.number().min(0).max(1).optional(),
})
export interface ModelPreferences extends z.infer<typeof ModelPreferences> {}

const samplingMessageContentBlock = z.discriminatedUnion('type', [
  TextContent,
  ImageContent,
  AudioContent,
  ToolUseContent,
  ToolResultContent,
])
export type SamplingMessageContentBlock = TextContent | ImageContent | AudioContent | ToolUseContent | ToolResultContent
/** One block of a sampled conversation. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#samplingmessagecontentblock */
export const SamplingMessageContentBlock: z.ZodType<SamplingMessageContentBlock> = samplingMessageContentBlock

export type SamplingContent = SamplingMessageContentBlock | SamplingMessageContentBlock[]
/** One block or several; before 2025-11-25 exactly one. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#samplingmessage */
export const SamplingContent: z.ZodType<SamplingContent> = z.union([
  SamplingMessageContentBlock,
  z.array(SamplingMessageContentBlock),
])

/** One turn of the conversation to continue. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#samplingmessage */
export const SamplingMessage = z.looseObject({ role: Role, content: SamplingContent, _meta: Meta.optional() })
export interface SamplingMessage extends z.infer<typeof SamplingMessage> {}

/** Params of `sampling/createMessage`; `maxTokens` is a limit the client must respect. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#createmessagerequestparams */
export const CreateMessageRequestParams = TaskAugmentedRequestParams.extend({
  messages: z.array(SamplingMessage),
  maxTokens: Integer,
  modelPreferences: ModelPreferences.optional(),
  systemPrompt: z.string().optional(),
  includeContext: z.enum(['none', 'thisServer', 'allServers']).optional(),
  temperature: z.number().optional(),
  stopSequences: z.array(z.string()).optional(),
  metadata: JsonObject.optional(),
  tools: z.array(Tool).optional(),
  toolChoice: ToolChoice.optional(),
})
export interface CreateMessageRequestParams extends z.infer<typeof CreateMessageRequestParams> {}

/** What the client's model said; `stopReason` is an open set of names. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#createmessageresult */
export const CreateMessageResult = Result.extend({
  role: Role,
  content: SamplingContent,
  model: z.string(),
  stopReason: z.string().optional(),
})
export interface CreateMessageResult extends z.infer<typeof CreateMessageResult> {}

/** The question for a completion, without an envelope. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#createmessagerequest */
export const CreateMessageRequest = z.looseObject({
  method: z.literal('sampling/createMessage'),
  params: CreateMessageRequestParams,
})
export interface CreateMessageRequest extends z.infer<typeof CreateMessageRequest> {}
