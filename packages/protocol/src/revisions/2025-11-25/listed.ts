import type { JsonObject } from '../../jsonrpc/message.ts'
import type { Prompt } from '../../shapes/prompts.ts'
import type { Resource, ResourceTemplate } from '../../shapes/resources.ts'
import type { Lacks } from './results.ts'

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#resource */
export function encodeResource<R extends Resource | ResourceTemplate>(resource: R, { listedMembers }: Lacks): R {
  return without(resource, listedMembers)
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/prompts#prompt */
export function encodePrompt(prompt: Prompt, { listedMembers }: Lacks): Prompt {
  const encoded = without(prompt, listedMembers)
  if (encoded.arguments === undefined || listedMembers.length === 0) return encoded
  return { ...encoded, arguments: encoded.arguments.map((argument) => without(argument, listedMembers)) }
}

/** A copy without some of its members, all of which are optional. */
export function without<T extends JsonObject>(value: T, members: readonly string[]): T {
  if (members.length === 0) return value
  const copy: JsonObject = { ...value }
  for (const member of members) delete copy[member]
  // proof: what is optional may be absent
  return copy as T
}
