/** Tools of many servers for the models of a provider: names, tool lists and results. */
export {
  DEFAULT_MAX_NAME_LENGTH,
  type ExportedName,
  type ExportNamesOptions,
  exportNames,
  MIN_MAX_NAME_LENGTH,
  type NameMap,
  type ToolAddress,
} from './names/export-names.ts'
export type { LoweringEffect, LoweringNote } from './providers/lowering.ts'
export type {
  AiSdkTool,
  AnthropicTool,
  GeminiFunction,
  OpenAiChatFunction,
  OpenAiFunction,
  ProviderTools,
} from './providers/provider-tools.ts'
export {
  type AiSdkOutput,
  type AiSdkPart,
  type AnthropicPart,
  type AnthropicResult,
  DEFAULT_MAX_MEDIA_CHARACTERS,
  DEFAULT_MAX_RESULT_CHARACTERS,
  type GeminiResult,
  type OpenAiInput,
  type OpenAiOutput,
  type ProviderResults,
  type ResultForOptions,
  resultFor,
} from './providers/result-for.ts'
export type { Provider } from './providers/rules.ts'
export {
  type AddressedCall,
  type CompiledTools,
  DEFAULT_MAX_DESCRIPTION_LENGTH,
  type ListedTool,
  type ToolReport,
  type ToolsForOptions,
  toolsFor,
} from './providers/tools-for.ts'
