import { z } from 'zod'
import { JsonObject } from './base.ts'

const Named = z.record(z.string(), JsonObject)
const ListChanged = z.looseObject({ listChanged: z.boolean().optional() })

/** What a client can be asked for; an empty `elicitation` means forms only. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#clientcapabilities */
export const ClientCapabilities = z.looseObject({
  experimental: Named.optional(),
  roots: ListChanged.optional(),
  sampling: z.looseObject({ context: JsonObject.optional(), tools: JsonObject.optional() }).optional(),
  elicitation: z.looseObject({ form: JsonObject.optional(), url: JsonObject.optional() }).optional(),
  tasks: z
    .looseObject({
      list: JsonObject.optional(),
      cancel: JsonObject.optional(),
      requests: z
        .looseObject({
          sampling: z.looseObject({ createMessage: JsonObject.optional() }).optional(),
          elicitation: z.looseObject({ create: JsonObject.optional() }).optional(),
        })
        .optional(),
    })
    .optional(),
  extensions: Named.optional(),
})
export type ClientCapabilities = z.infer<typeof ClientCapabilities>

/** What a server offers; the methods of an absent capability are unknown methods. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#servercapabilities */
export const ServerCapabilities = z.looseObject({
  experimental: Named.optional(),
  logging: JsonObject.optional(),
  completions: JsonObject.optional(),
  prompts: ListChanged.optional(),
  resources: ListChanged.extend({ subscribe: z.boolean().optional() }).optional(),
  tools: ListChanged.optional(),
  tasks: z
    .looseObject({
      list: JsonObject.optional(),
      cancel: JsonObject.optional(),
      requests: z.looseObject({ tools: z.looseObject({ call: JsonObject.optional() }).optional() }).optional(),
    })
    .optional(),
  extensions: Named.optional(),
})
export type ServerCapabilities = z.infer<typeof ServerCapabilities>
