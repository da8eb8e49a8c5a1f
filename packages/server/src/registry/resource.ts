import type { Annotations, Icon, Resource as ListedResource } from '@bao-mcp/protocol'
import type { CacheHint, JsonObject, MaybePromise } from '@bao-mcp/protocol/engine'
import type { CallContext } from '../context.ts'
import { checkedHint } from './cache-hint.ts'
import type { InputRequired } from './input-required.ts'
import { mustBeJson } from './must-be-json.ts'

/** One of the contents of a resource. Without a `uri` it is the one that was read. */
export interface Contents {
  uri?: string
  mimeType?: string
  text?: string
  /** Bytes, or what they are in base64. */
  blob?: Uint8Array | string
  _meta?: JsonObject
}

/** What reading gives: text, bytes, contents, or nothing (undefined, null, no contents) when there is no such resource. */
export type ReadReturn =
  | string
  | Uint8Array
  | readonly Contents[]
  | { contents: readonly Contents[]; _meta?: JsonObject }
  | undefined
  | null
  | InputRequired

/** What a resource and a family of them say of themselves. */
export interface ResourceDescription {
  name: string
  title?: string
  description?: string
  mimeType?: string
  annotations?: Annotations
  icons?: Icon[]
  _meta?: JsonObject
  /** How long what is read may be kept, and by whom. Default: not at all. */
  cache?: CacheHint
}

export interface ResourceDefinition extends ResourceDescription {
  /** Unique within the server, and compared character by character. */
  uri: string
  /** Bytes. */
  size?: number
  read(call: CallContext): MaybePromise<ReadReturn>
}

/** A resource made ready once, shared by every connection. */
export interface Resource {
  readonly uri: string
  /** As it is listed, before any revision adapts it. */
  readonly listed: ListedResource
  readonly cache: CacheHint | undefined
  read(call: CallContext): unknown
}

/**
 * Defines a resource.
 * @throws {TypeError} when its URI is none, or its cache hint is malformed
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/resources
 */
export function resource(definition: ResourceDefinition): Resource {
  const { uri, size, cache } = definition
  const what = `resource ${JSON.stringify(uri)}`
  if (typeof uri !== 'string' || !/^[a-z][a-z\d+.-]*:/i.test(uri)) {
    throw new TypeError(`${what}: a URI begins with a scheme, such as "file:"`)
  }
  return {
    uri,
    listed: { uri, ...described(definition, what), ...(size !== undefined && { size }) },
    cache: checkedHint(cache, what),
    read: (call) => definition.read(call),
  }
}

/** The members a resource and a template are both listed with. */
export function described(
  definition: ResourceDescription & { read: unknown },
  what: string,
): Omit<ListedResource, 'uri'> & { name: string } {
  const { name, title, description, mimeType, annotations, icons, _meta, read } = definition
  if (typeof name !== 'string' || name === '') throw new TypeError(`${what}: it needs a name`)
  if (typeof read !== 'function') throw new TypeError(`${what}: it needs a read function`)
  const members = {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(mimeType !== undefined && { mimeType }),
    ...(annotations !== undefined && { annotations }),
    ...(icons !== undefined && { icons }),
    ...(_meta !== undefined && { _meta }),
  }
  return mustBeJson(members, what)
}
