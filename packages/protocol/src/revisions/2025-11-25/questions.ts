import { INTERNAL_ERROR, RpcError } from '../../jsonrpc/errors.ts'
import { isJsonObject, type JsonObject } from '../../jsonrpc/message.ts'
import type { InputRequest } from '../../outcome.ts'
import { adapt, type Lacks } from './results.ts'

/**
 * A question as one of the handshake revisions words it.
 * @param unique a text that no other question has, where the revision names each
 * @throws {RpcError} -32603 for a question the revision has no words for
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
 */
export function encodeInput({ method, params }: InputRequest, lacks: Lacks, unique: string): InputRequest {
  if (params === undefined) return { method }
  switch (method) {
    case 'elicitation/create':
      return { method, params: lacks.newForms ? encodeOldForm(params) : encodeElicitation(params, unique) }
    case 'sampling/createMessage':
      return { method, params: lacks.severalBlocks ? encodeOldSampling(params, lacks.content) : params }
    default:
      return { method, params }
  }
}

/**
 * "Clients MUST NOT return array content to servers" before 2025-11-25: several texts are one, and nothing else is.
 * @throws {RpcError} -32603 for several blocks that are not all text
 * @see https://modelcontextprotocol.io/specification/2025-06-18/client/sampling#creating-messages
 */
export function encodeAnswer(method: string, result: JsonObject, { severalBlocks }: Lacks): JsonObject {
  const { content } = result
  if (!severalBlocks || method !== 'sampling/createMessage' || !Array.isArray(content)) return result
  const [first, ...others]: unknown[] = content
  if (first !== undefined && others.length === 0) return { ...result, content: first }
  const texts = content.map((block: unknown) => (isJsonObject(block) && block.type === 'text' ? block.text : undefined))
  if (!texts.every((text) => typeof text === 'string')) {
    throw new RpcError(INTERNAL_ERROR, "the server's protocol version takes one block of content, not several")
  }
  return { ...result, content: { type: 'text', text: texts.join('\n') } }
}

/** A page to be opened has an id here, which the notification that it was completed would name. */
function encodeElicitation(params: JsonObject, unique: string): JsonObject {
  return params.mode === 'url' && params.elicitationId === undefined ? { ...params, elicitationId: unique } : params
}

/** There is one mode, which has no name, and fields have neither defaults nor titles for each choice. */
function encodeOldForm({ mode, ...params }: JsonObject): JsonObject {
  if (mode !== undefined && mode !== 'form') throw unspeakable(`elicitation in the mode ${JSON.stringify(mode)}`)
  const schema = params.requestedSchema
  if (!isJsonObject(schema) || !isJsonObject(schema.properties)) return params
  const fields = Object.entries(schema.properties).map(([name, field]) => [name, encodeOldField(field)])
  return { ...params, requestedSchema: { ...schema, properties: Object.fromEntries(fields) } }
}

function encodeOldField(field: unknown): unknown {
  if (!isJsonObject(field) || field.type === 'boolean') return field
  if (field.type === 'array') throw unspeakable('a form field with several choices')
  const { default: _default, oneOf, ...rest } = field
  if (!Array.isArray(oneOf)) return rest
  const choices = oneOf.filter(isJsonObject)
  return { ...rest, enum: choices.map((choice) => choice.const), enumNames: choices.map((choice) => choice.title) }
}

/** A message has exactly one block here, so one of several blocks is several messages. */
function encodeOldSampling(params: JsonObject, unknownKinds: readonly string[]): JsonObject {
  if (!Array.isArray(params.messages)) return params
  const messages = params.messages.flatMap((message: unknown) => {
    if (!isJsonObject(message)) return [message]
    const blocks: unknown[] = Array.isArray(message.content) ? message.content : [message.content]
    return blocks.map((block) => ({ ...message, content: adapt(block, unknownKinds) }))
  })
  return { ...params, messages }
}

function unspeakable(what: string): RpcError {
  return new RpcError(INTERNAL_ERROR, `the client's protocol version cannot word ${what}`)
}
