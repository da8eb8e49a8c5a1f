import { z } from 'zod'
import { RequestId } from './base.ts'
import { NotificationParams, RequestParams, ResultMeta } from './meta.ts'
import { Result } from './results.ts'

/** Which changes a client wants to hear of; `resourceSubscriptions` lists uris. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionfilter */
export const SubscriptionFilter = z.looseObject({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).optional(),
})
export type SubscriptionFilter = z.infer<typeof SubscriptionFilter>

/** Params of `subscriptions/listen`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionslistenrequestparams */
export const SubscriptionsListenRequestParams = RequestParams.extend({ notifications: SubscriptionFilter })
export type SubscriptionsListenRequestParams = z.infer<typeof SubscriptionsListenRequestParams>

/** `_meta` of the end of a subscription, which names it. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionslistenresultmetaobject */
export const SubscriptionsListenResultMeta = ResultMeta.extend({ 'io.modelcontextprotocol/subscriptionId': RequestId })
export type SubscriptionsListenResultMeta = z.infer<typeof SubscriptionsListenResultMeta>

/** The graceful end of a subscription. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionslistenresult */
export const SubscriptionsListenResult = Result.extend({ _meta: SubscriptionsListenResultMeta })
export type SubscriptionsListenResult = z.infer<typeof SubscriptionsListenResult>

/** Params of `notifications/subscriptions/acknowledged`: the part of the filter the server honours. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#subscriptionsacknowledgednotificationparams */
export const SubscriptionsAcknowledgedNotificationParams = NotificationParams.extend({
  notifications: SubscriptionFilter,
})
export type SubscriptionsAcknowledgedNotificationParams = z.infer<typeof SubscriptionsAcknowledgedNotificationParams>
