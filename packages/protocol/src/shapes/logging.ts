import { z } from 'zod'
import { LoggingLevel } from './base.ts'
import { NotificationParams, RequestParams } from './meta.ts'

/** Params of `logging/setLevel`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#setlevelrequestparams */
export const SetLevelRequestParams = RequestParams.extend({ level: LoggingLevel })
export type SetLevelRequestParams = z.infer<typeof SetLevelRequestParams>

/** Params of `notifications/message`; `data` is any JSON value and must be there. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#loggingmessagenotificationparams */
export const LoggingMessageNotificationParams = NotificationParams.extend({
  level: LoggingLevel,
  logger: z.string().optional(),
  data: z.unknown(),
})
export type LoggingMessageNotificationParams = z.infer<typeof LoggingMessageNotificationParams>
