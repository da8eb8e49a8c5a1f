import { z } from 'zod'
import { AnyResourceContents, Resource } from './content.ts'
import { InputResponseRequestParams } from './input-required.ts'
import { NotificationParams, RequestParams } from './meta.ts'
import { CacheableResult, PaginatedResult } from './results.ts'

export { AnyResourceContents, BlobResourceContents, Resource, TextResourceContents } from './content.ts'

/** A family of resources; `uriTemplate` follows RFC 6570. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resourcetemplate */
export const ResourceTemplate = Resource.omit({ uri: true, size: true }).extend({ uriTemplate: z.string() })
export type ResourceTemplate = z.infer<typeof ResourceTemplate>

/** One page of `resources/list`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listresourcesresult */
export const ListResourcesResult = PaginatedResult.extend({ ...CacheableResult.shape, resources: z.array(Resource) })
export type ListResourcesResult = z.infer<typeof ListResourcesResult>

/** One page of `resources/templates/list`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#listresourcetemplatesresult */
export const ListResourceTemplatesResult = PaginatedResult.extend({
  ...CacheableResult.shape,
  resourceTemplates: z.array(ResourceTemplate),
})
export type ListResourceTemplatesResult = z.infer<typeof ListResourceTemplatesResult>

/** Params that name one resource: `resources/subscribe`, `resources/unsubscribe`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#subscriberequestparams */
export const ResourceRequestParams = RequestParams.extend({ uri: z.string() })
export type ResourceRequestParams = z.infer<typeof ResourceRequestParams>

/** Params of `resources/read`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#readresourcerequestparams */
export const ReadResourceRequestParams = InputResponseRequestParams.extend({ uri: z.string() })
export type ReadResourceRequestParams = z.infer<typeof ReadResourceRequestParams>

/** What a resource holds; one read may return several contents. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#readresourceresult */
export const ReadResourceResult = CacheableResult.extend({ contents: z.array(AnyResourceContents) })
export type ReadResourceResult = z.infer<typeof ReadResourceResult>

/** Params of `notifications/resources/updated`; the uri may lie below the subscribed one. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#resourceupdatednotificationparams */
export const ResourceUpdatedNotificationParams = NotificationParams.extend({ uri: z.string() })
export type ResourceUpdatedNotificationParams = z.infer<typeof ResourceUpdatedNotificationParams>
