import { z } from 'zod'
import { JsonObject } from '../base.ts'
import { ClientCapabilities, ServerCapabilities } from '../capabilities.ts'
import { EmbeddedResource, ImageContent, TextContent } from '../content.ts'
import { contentOf, catalogue as next } from './2025-03-26.ts'
import { handshakeOf, samplingOf } from './2025-06-18.ts'
import type { Catalogue } from './catalogue.ts'

const clientCapabilities = ClientCapabilities.omit({ extensions: true, tasks: true, elicitation: true }).extend({
  sampling: JsonObject.optional(),
})
const serverCapabilities = ServerCapabilities.omit({ extensions: true, tasks: true, completions: true })

/** 2024-11-05: text, pictures and embedded resources are all the content there is. @see https://modelcontextprotocol.io/specification/2024-11-05 */
export const catalogue: Catalogue = {
  requests: {
    ...next.requests,
    ...contentOf(z.discriminatedUnion('type', [TextContent, ImageContent, EmbeddedResource])),
    initialize: { direction: 'client', ...handshakeOf(clientCapabilities, serverCapabilities) },
    'sampling/createMessage': {
      direction: 'server',
      ...samplingOf(z.discriminatedUnion('type', [TextContent, ImageContent])),
    },
  },
  notifications: next.notifications,
  inputs: {},
  clientCapabilities,
  serverCapabilities,
}
