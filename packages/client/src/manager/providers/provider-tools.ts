import type { JsonObject } from '@bao-mcp/protocol/engine'

/** A function of OpenAI's Responses API. @see https://developers.openai.com/api/docs/guides/function-calling */
export interface OpenAiFunction {
  readonly type: 'function'
  readonly name: string
  readonly description?: string
  readonly parameters: JsonObject
  readonly strict: boolean
}

/** A function of OpenAI's Chat Completions API, and of the many that follow it. */
export interface OpenAiChatFunction {
  readonly type: 'function'
  readonly function: Omit<OpenAiFunction, 'type'>
}

/** A tool of Anthropic's Messages API. @see https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools */
export interface AnthropicTool {
  readonly name: string
  readonly description?: string
  readonly input_schema: JsonObject
}

/** One of Gemini's `functionDeclarations`. @see https://ai.google.dev/api/caching#FunctionDeclaration */
export interface GeminiFunction {
  readonly name: string
  readonly description: string
  readonly parameters?: JsonObject
}

/** What `dynamicTool` of the AI SDK needs; `inputSchema` goes through its `jsonSchema()`. @see https://ai-sdk.dev/docs/reference/ai-sdk-core/dynamic-tool */
export interface AiSdkTool {
  readonly name: string
  readonly description?: string
  readonly inputSchema: JsonObject
}

/** A tool in each provider's format. */
export interface ProviderTools {
  readonly openai: OpenAiFunction | OpenAiChatFunction
  readonly anthropic: AnthropicTool
  readonly gemini: GeminiFunction
  readonly 'ai-sdk': AiSdkTool
}
