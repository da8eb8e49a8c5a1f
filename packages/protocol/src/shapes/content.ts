import { z } from 'zod'
import { Annotations, Icon, Integer, JsonObject, Meta } from './base.ts'

const described = { annotations: Annotations.optional(), _meta: Meta.optional() }

/** Text for a model or a reader. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#textcontent */
export const TextContent = z.looseObject({ type: z.literal('text'), text: z.string(), ...described })
export interface TextContent extends z.infer<typeof TextContent> {}

/** A picture; `data` is base64. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#imagecontent */
export const ImageContent = z.looseObject({
  type: z.literal('image'),
  data: z.string(),
  mimeType: z.string(),
  ...described,
})
export interface ImageContent extends z.infer<typeof ImageContent> {}

/** Sound; `data` is base64. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#audiocontent */
export const AudioContent = z.looseObject({
  type: z.literal('audio'),
  data: z.string(),
  mimeType: z.string(),
  ...described,
})
export interface AudioContent extends z.infer<typeof AudioContent> {}

/** What the contents of every resource have. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcecontents */
export const ResourceContents = z.looseObject({
  uri: z.string(),
  mimeType: z.string().optional(),
  _meta: Meta.optional(),
})
export type ResourceContents = z.infer<typeof ResourceContents>

/** Contents that are text. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#textresourcecontents */
export const TextResourceContents = ResourceContents.extend({ text: z.string() })
export interface TextResourceContents extends z.infer<typeof TextResourceContents> {}

/** Contents that are bytes; `blob` is base64. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#blobresourcecontents */
export const BlobResourceContents = ResourceContents.extend({ blob: z.string() })
export interface BlobResourceContents extends z.infer<typeof BlobResourceContents> {}

export type AnyResourceContents = TextResourceContents | BlobResourceContents
/** Either kind of contents. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#readresourceresult */
export const AnyResourceContents: z.ZodType<AnyResourceContents> = z.union([TextResourceContents, BlobResourceContents])

/** A resource's contents inside a message. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#embeddedresource */
export const EmbeddedResource = z.looseObject({
  type: z.literal('resource'),
  resource: AnyResourceContents,
  ...described,
})
export interface EmbeddedResource extends z.infer<typeof EmbeddedResource> {}

/** What is said about a resource wherever it is listed; `size` is in bytes. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resource */
export const Resource = z.looseObject({
  uri: z.string(),
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
  size: Integer.optional(),
  icons: z.array(Icon).optional(),
  ...described,
})
export interface Resource extends z.infer<typeof Resource> {}

/** A resource a client may read; it need not be listed. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcelink */
export const ResourceLink = Resource.extend({ type: z.literal('resource_link') })
export interface ResourceLink extends z.infer<typeof ResourceLink> {}

const contentBlock = z.discriminatedUnion('type', [
  TextContent,
  ImageContent,
  AudioContent,
  ResourceLink,
  EmbeddedResource,
])
export type ContentBlock = TextContent | ImageContent | AudioContent | ResourceLink | EmbeddedResource
/** One block of a prompt message or a tool's result. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#contentblock */
export const ContentBlock: z.ZodType<ContentBlock> = contentBlock

/** A model's wish to call a tool. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#toolusecontent */
export const ToolUseContent = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: JsonObject,
  _meta: Meta.optional(),
})
export interface ToolUseContent extends z.infer<typeof ToolUseContent> {}

/** What the tool of the `tool_use` block with the same id answered. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#toolresultcontent */
export const ToolResultContent = z.looseObject({
  type: z.literal('tool_result'),
  toolUseId: z.string(),
  content: z.array(ContentBlock),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
  _meta: Meta.optional(),
})
export interface ToolResultContent extends z.infer<typeof ToolResultContent> {}
