import { z } from 'zod'
import { Implementation, LoggingLevel, ProgressToken, RequestId } from './base.ts'
import { ClientCapabilities } from './capabilities.ts'

/** `_meta` of a request; the namespaced keys make a request self-describing from 2026-07-28 on. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#requestmetaobject */
export const RequestMeta = z.looseObject({
  progressToken: ProgressToken.optional(),
  'io.modelcontextprotocol/protocolVersion': z.string().optional(),
  'io.modelcontextprotocol/clientCapabilities': ClientCapabilities.optional(),
  'io.modelcontextprotocol/clientInfo': Implementation.optional(),
  'io.modelcontextprotocol/logLevel': LoggingLevel.optional(),
})
export type RequestMeta = z.infer<typeof RequestMeta>

/** `_meta` of a result: the answering server may name itself, for display only. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resultmetaobject */
export const ResultMeta = z.looseObject({ 'io.modelcontextprotocol/serverInfo': Implementation.optional() })
export type ResultMeta = z.infer<typeof ResultMeta>

/** `_meta` of a notification: on a listen stream it names the subscription it belongs to. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#notificationmetaobject */
export const NotificationMeta = z.looseObject({ 'io.modelcontextprotocol/subscriptionId': RequestId.optional() })
export type NotificationMeta = z.infer<typeof NotificationMeta>

/** The params every request may have. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#requestparams */
export const RequestParams = z.looseObject({ _meta: RequestMeta.optional() })
export type RequestParams = z.infer<typeof RequestParams>

/** The params every notification may have. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#notificationparams */
export const NotificationParams = z.looseObject({ _meta: NotificationMeta.optional() })
export type NotificationParams = z.infer<typeof NotificationParams>
