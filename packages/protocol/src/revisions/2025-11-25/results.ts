import { INTERNAL_ERROR, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject, type JsonObject } from '../../jsonrpc/message.ts'
import { complete, type Extended, type Outcome } from '../../outcome.ts'
import type { Tool } from '../../shapes/tools.ts'
import { without } from './listed.ts'
import type { HandshakeVersion } from './methods.ts'
import { encodeOutputSchema, encodeStructured } from './output-schema.ts'

/** What one of the handshake revisions lacks beside the newest of them. */
export interface Lacks {
  /** Members of a tool that are not known yet. */
  toolMembers: readonly string[]
  /** Members of resources, templates, prompts and their parts that are not known yet. */
  listedMembers: readonly string[]
  /** Kinds of content that are not known yet. */
  content: readonly string[]
  structuredContent: boolean
  /** Forms with defaults, titled choices and several choices, and pages beside forms. */
  newForms: boolean
  /** Several blocks in one sampled message. */
  severalBlocks: boolean
}

const BEFORE_2025_11_25 = { newForms: true, severalBlocks: true }

const SINCE_2025_11_25 = ['icons', 'execution']
const LISTED_SINCE_2025_06_18 = ['title', '_meta', 'icons']
const SINCE_2025_06_18 = ['title', 'outputSchema', '_meta', ...SINCE_2025_11_25]

export const LACKS: Readonly<Record<HandshakeVersion, Lacks>> = {
  '2024-11-05': {
    toolMembers: ['annotations', ...SINCE_2025_06_18],
    listedMembers: LISTED_SINCE_2025_06_18,
    content: ['audio', 'resource_link'],
    structuredContent: true,
    ...BEFORE_2025_11_25,
  },
  '2025-03-26': {
    toolMembers: SINCE_2025_06_18,
    listedMembers: LISTED_SINCE_2025_06_18,
    content: ['resource_link'],
    structuredContent: true,
    ...BEFORE_2025_11_25,
  },
  '2025-06-18': {
    toolMembers: SINCE_2025_11_25,
    listedMembers: ['icons'],
    content: [],
    structuredContent: false,
    ...BEFORE_2025_11_25,
  },
  '2025-11-25': {
    toolMembers: [],
    listedMembers: [],
    content: [],
    structuredContent: false,
    newForms: false,
    severalBlocks: false,
  },
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool */
export function encodeTool(tool: Tool, { toolMembers }: Lacks): Tool {
  const encoded: Tool = { ...tool }
  for (const member of toolMembers) delete encoded[member]
  if (encoded.outputSchema !== undefined) encoded.outputSchema = encodeOutputSchema(encoded.outputSchema)
  return encoded
}

export function encode(method: string, outcome: Outcome | Extended, lacks: Lacks): JsonObject {
  if (outcome.kind === 'extended') {
    throw new RpcError(INTERNAL_ERROR, `${method} has no result of the kind ${outcome.resultType} in this revision`)
  }
  if (outcome.kind === 'input_required') {
    throw new RpcError(INTERNAL_ERROR, `${method} needs input, which its conversation should have asked for`)
  }
  switch (method) {
    case 'tools/call':
      return encodeCall(outcome.value, lacks)
    case 'prompts/get':
      return encodeMessages(outcome.value, lacks)
    case 'resources/read':
      return encodeContents(outcome.value, lacks)
    default:
      return outcome.value
  }
}

function encodeCall(
  value: JsonObject,
  { content: unknownKinds, structuredContent: dropsStructured }: Lacks,
): JsonObject {
  let encoded = value
  const structured = value.structuredContent
  if (structured !== undefined && (dropsStructured || !isJsonObject(structured))) {
    const { structuredContent, ...rest } = value
    encoded = dropsStructured ? rest : { ...rest, structuredContent: encodeStructured(structuredContent) }
  }
  const content = value.content
  if (unknownKinds.length > 0 && Array.isArray(content)) {
    encoded = { ...encoded, content: content.map((block) => adapt(block, unknownKinds)) }
  }
  return encoded
}

function encodeMessages(value: JsonObject, { content: unknownKinds }: Lacks): JsonObject {
  const { messages } = value
  if (unknownKinds.length === 0 || !Array.isArray(messages)) return value
  return {
    ...value,
    messages: messages.map((message: unknown) =>
      isJsonObject(message) ? { ...message, content: adapt(message.content, unknownKinds) } : message,
    ),
  }
}

function encodeContents(value: JsonObject, lacks: Lacks): JsonObject {
  const { contents } = value
  if (lacks.listedMembers.length === 0 || !Array.isArray(contents)) return value
  return {
    ...value,
    contents: contents.map((one: unknown) => (isJsonObject(one) ? without(one, lacks.listedMembers) : one)),
  }
}

/** A block the client cannot know becomes a text block that says what it was, so that nothing is lost in silence. */
export function adapt(block: unknown, unknownKinds: readonly string[]): unknown {
  if (!isJsonObject(block) || typeof block.type !== 'string' || !unknownKinds.includes(block.type)) return block
  if (block.type === 'resource_link') return { type: 'text', text: `${String(block.name)}: ${String(block.uri)}` }
  const mimeType = 'mimeType' in block ? ` (${String(block.mimeType)})` : ''
  return { type: 'text', text: `[${block.type} content${mimeType}, which this protocol version cannot carry]` }
}

export function decode(_method: string, result: JsonObject): Outcome {
  return complete(result)
}
