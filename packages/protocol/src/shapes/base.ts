import { z } from 'zod'

/** Any JSON object; every member is kept. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#jsonobject */
export const JsonObject = z.looseObject({})
export type JsonObject = z.infer<typeof JsonObject>

/** A whole number of any size, which is what the wire allows wherever a number is counted, not echoed. @see https://json-schema.org/understanding-json-schema/reference/numeric#integer */
export const Integer = z.number().multipleOf(1)
export type Integer = z.infer<typeof Integer>

/** A request id: a string or an integer a double can echo exactly, never null. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#requestid */
export const RequestId = z.union([z.string(), z.int()])
export type RequestId = z.infer<typeof RequestId>

/** The token that ties progress notices to their request. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#progresstoken */
export const ProgressToken = z.union([z.string(), z.int()])
export type ProgressToken = z.infer<typeof ProgressToken>

/** An opaque position in a list; the empty string is a valid one. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#cursor */
export const Cursor = z.string()
export type Cursor = z.infer<typeof Cursor>

/** Who speaks in a conversation. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#role */
export const Role = z.enum(['user', 'assistant'])
export type Role = z.infer<typeof Role>

/** Severity of a log message, least severe first. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#logginglevel */
export const LoggingLevel = z.enum(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'])
export type LoggingLevel = z.infer<typeof LoggingLevel>

/** Who may share a cached result. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#cacheableresult */
export const CacheScope = z.enum(['public', 'private'])
export type CacheScope = z.infer<typeof CacheScope>

/** The open `_meta` object of anything. @see https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta */
export const Meta = z.looseObject({})
export type Meta = z.infer<typeof Meta>

/** A picture a user interface may show beside a name. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#icon */
export const Icon = z.looseObject({
  src: z.string(),
  mimeType: z.string().optional(),
  sizes: z.array(z.string()).optional(),
  theme: z.enum(['light', 'dark']).optional(),
})
export type Icon = z.infer<typeof Icon>

/** The identifier and the display name that named things share. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#basemetadata */
export const BaseMetadata = z.looseObject({ name: z.string(), title: z.string().optional() })
export type BaseMetadata = z.infer<typeof BaseMetadata>

/** The name and version of a client or a server, for display only. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#implementation */
export const Implementation = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  version: z.string(),
  description: z.string().optional(),
  websiteUrl: z.string().optional(),
  icons: z.array(Icon).optional(),
})
export type Implementation = z.infer<typeof Implementation>

/** Hints about whom a piece of content is for; `priority` runs from 0 to 1, `lastModified` is ISO 8601. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#annotations */
export const Annotations = z.looseObject({
  audience: z.array(Role).optional(),
  priority: z.number().min(0).max(1).optional(),
  lastModified: z.string().optional(),
})
export type Annotations = z.infer<typeof Annotations>
