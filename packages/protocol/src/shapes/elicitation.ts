import { z } from 'zod'
import { PrimitiveSchemaDefinition } from './elicitation-schemas.ts'
import { NotificationParams } from './meta.ts'
import { Result } from './results.ts'
import { TaskAugmentedRequestParams } from './tasks.ts'

/** A flat form to fill in; an absent `mode` means a form. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitrequestformparams */
export const ElicitRequestFormParams = TaskAugmentedRequestParams.extend({
  mode: z.literal('form').optional(),
  message: z.string(),
  requestedSchema: z.looseObject({
    $schema: z.string().optional(),
    type: z.literal('object'),
    properties: z.record(z.string(), PrimitiveSchemaDefinition),
    required: z.array(z.string()).optional(),
  }),
})
export interface ElicitRequestFormParams extends z.infer<typeof ElicitRequestFormParams> {}

/** A page to visit; only 2025-11-25 gives the visit an `elicitationId`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitrequesturlparams */
export const ElicitRequestURLParams = TaskAugmentedRequestParams.extend({
  mode: z.literal('url'),
  message: z.string(),
  url: z.string(),
  elicitationId: z.string().optional(),
})
export interface ElicitRequestURLParams extends z.infer<typeof ElicitRequestURLParams> {}

export type ElicitRequestParams = ElicitRequestFormParams | ElicitRequestURLParams
/** Params of `elicitation/create`. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitrequestparams */
export const ElicitRequestParams: z.ZodType<ElicitRequestParams> = z.union([
  ElicitRequestFormParams,
  ElicitRequestURLParams,
])

/** One value a person entered; lists exist from 2025-11-25 on. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitresult */
export const ElicitedValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
export type ElicitedValue = z.infer<typeof ElicitedValue>

/** What a person decided; `content` comes only with an accepted form. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitresult */
export const ElicitResult = Result.extend({
  action: z.enum(['accept', 'decline', 'cancel']),
  content: z.record(z.string(), ElicitedValue).optional(),
})
export interface ElicitResult extends z.infer<typeof ElicitResult> {}

/** The question to a person, without an envelope. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#elicitrequest */
export const ElicitRequest = z.looseObject({ method: z.literal('elicitation/create'), params: ElicitRequestParams })
export interface ElicitRequest extends z.infer<typeof ElicitRequest> {}

/** Params of `notifications/elicitation/complete`: the visit is over. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#elicitationcompletenotification */
export const ElicitationCompleteNotificationParams = NotificationParams.extend({ elicitationId: z.string() })
export type ElicitationCompleteNotificationParams = z.infer<typeof ElicitationCompleteNotificationParams>
