import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { type ReadResult, type ResultPart, readResult } from './read-result.ts'
import type { Provider } from './rules.ts'

/** The `output` of OpenAI's `function_call_output`, or the `content` of a chat message of role `tool` when it is text. */
export type OpenAiOutput = string | readonly OpenAiInput[]
/** A piece of input of OpenAI's Responses API. */
export type OpenAiInput =
  | { readonly type: 'input_text'; readonly text: string }
  | { readonly type: 'input_image'; readonly image_url: string }
  | { readonly type: 'input_file'; readonly filename: string; readonly file_data: string }

/** The `content` and `is_error` of Anthropic's `tool_result` block. */
export interface AnthropicResult {
  readonly content: readonly AnthropicPart[]
  readonly is_error?: true
}
/** A piece of an Anthropic `tool_result`. */
export type AnthropicPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image' | 'document'
      readonly source: { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    }

/** The `response` of Gemini's `functionResponse`, and its `parts` where there is more than text. */
export interface GeminiResult {
  readonly response: { readonly output: unknown } | { readonly error: string }
  readonly parts?: readonly { readonly inlineData: { readonly mimeType: string; readonly data: string } }[]
}

/** What `toModelOutput` of an AI SDK tool answers. */
export type AiSdkOutput =
  | { readonly type: 'text' | 'error-text'; readonly value: string }
  | { readonly type: 'json'; readonly value: JsonObject }
  | { readonly type: 'content'; readonly value: readonly AiSdkPart[] }
/** A piece of an AI SDK tool output. */
export type AiSdkPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'media'; readonly data: string; readonly mediaType: string }

/** A result in each provider's format. */
export interface ProviderResults {
  readonly openai: OpenAiOutput
  readonly anthropic: AnthropicResult
  readonly gemini: GeminiResult
  readonly 'ai-sdk': AiSdkOutput
}

/** How much of a result a model is given. */
export interface ResultForOptions {
  /** The most characters of text; {@link DEFAULT_MAX_RESULT_CHARACTERS} unless told. */
  readonly maxCharacters?: number
  /** The most characters of base64 of one picture, sound or file; {@link DEFAULT_MAX_MEDIA_CHARACTERS} unless told. */
  readonly maxMediaCharacters?: number
  /** OpenAI only: `chat` has text alone in the results of tools; `responses` unless told. */
  readonly api?: 'responses' | 'chat'
  /** Where the whole result can be read when it has to be cut, for the mark that says so. */
  readonly whole?: { readonly uri: string; readonly name?: string }
}

/** About 25 000 tokens of English. */
export const DEFAULT_MAX_RESULT_CHARACTERS = 100_000
/** Five million bytes, the least any of the providers takes. */
export const DEFAULT_MAX_MEDIA_CHARACTERS = 6_666_664

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const DOCUMENT = 'application/pdf'
/** Media each provider takes in the result of a tool. */
const TAKES: Readonly<Record<Provider, ReadonlySet<string>>> = {
  openai: new Set([...PICTURES, DOCUMENT]),
  anthropic: new Set([...PICTURES, DOCUMENT]),
  gemini: new Set(['image/png', 'image/jpeg', 'image/webp', DOCUMENT]),
  'ai-sdk': new Set([...PICTURES, DOCUMENT]),
}
const NOTHING: ReadonlySet<string> = new Set()

/**
 * Turns what a tool answered into what a provider takes as its result. Text that is the JSON of the structured output
 * is not given twice; what the provider cannot take becomes words saying what it was; text over `maxCharacters` is cut,
 * and the last piece says so, with `whole` or the resources of the result to read on.
 * @throws {RangeError} when `maxCharacters` or `maxMediaCharacters` is no positive integer
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-result
 */
export function resultFor<P extends Provider>(
  provider: P,
  result: object,
  options: ResultForOptions = {},
): ProviderResults[P] {
  const { maxCharacters = DEFAULT_MAX_RESULT_CHARACTERS, maxMediaCharacters = DEFAULT_MAX_MEDIA_CHARACTERS } = options
  for (const [name, value] of Object.entries({ maxCharacters, maxMediaCharacters })) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is ${value}; expected a positive integer`)
  }
  const taken = options.api === 'chat' ? NOTHING : TAKES[provider]
  const whole = isJsonObject(result) ? result : {}
  const read = readResult(whole, {
    maxCharacters,
    maxMediaCharacters,
    takes: (mimeType) => taken.has(mimeType),
    ...(options.whole === undefined ? {} : { whole: options.whole }),
  })
  // proof: `write` answers with the format of the provider it is given
  return write(provider, read, whole.isError === true) as ProviderResults[P]
}

function write(provider: Provider, { parts, structured }: ReadResult, failed: boolean): ProviderResults[Provider] {
  const media = parts.filter((part) => part.kind === 'media')
  const text = parts
    .filter((part) => part.kind === 'text')
    .map((part) => part.text)
    .join('\n')
  switch (provider) {
    case 'openai': {
      // there is no flag there for a failure
      const words = failed ? `Error: ${text === '' ? 'the tool failed' : text}` : text
      if (media.length === 0) return words
      const first: OpenAiInput[] = words === '' ? [] : [{ type: 'input_text', text: words }]
      return [...first, ...media.map(openAiMedia)]
    }
    case 'anthropic':
      return { content: parts.map(anthropicPart), ...(failed ? { is_error: true } : {}) }
    case 'gemini': {
      const inline = media.map(({ mimeType, data }) => ({ inlineData: { mimeType, data } }))
      return {
        response: failed ? { error: text === '' ? 'the tool failed' : text } : { output: structured ?? text },
        ...(inline.length === 0 ? {} : { parts: inline }),
      }
    }
    case 'ai-sdk':
      if (failed && media.length === 0) return { type: 'error-text', value: text === '' ? 'the tool failed' : text }
      // a failure has text alone there
      if (failed) return { type: 'content', value: [{ type: 'text', text: 'Error:' }, ...parts.map(aiSdkPart)] }
      if (structured !== undefined) return { type: 'json', value: structured }
      return media.length === 0 ? { type: 'text', value: text } : { type: 'content', value: parts.map(aiSdkPart) }
    default:
      return provider satisfies never
  }
}

type Media = Extract<ResultPart, { kind: 'media' }>

function openAiMedia({ mimeType, data }: Media): OpenAiInput {
  const url = `data:${mimeType};base64,${data}`
  if (mimeType === DOCUMENT) return { type: 'input_file', filename: 'result.pdf', file_data: url }
  return { type: 'input_image', image_url: url }
}

function anthropicPart(part: ResultPart): AnthropicPart {
  // an empty text is refused there
  if (part.kind === 'text') return { type: 'text', text: part.text.trim() === '' ? '(empty)' : part.text }
  const source = { type: 'base64', media_type: part.mimeType, data: part.data } as const
  return { type: part.mimeType === DOCUMENT ? 'document' : 'image', source }
}

function aiSdkPart(part: ResultPart): AiSdkPart {
  if (part.kind === 'text') return { type: 'text', text: part.text }
  return { type: 'media', data: part.data, mediaType: part.mimeType }
}
