import { z } from 'zod'
import { Implementation, ProgressToken, RequestId } from './base.ts'
import { ClientCapabilities, ServerCapabilities } from './capabilities.ts'
import { NotificationParams, RequestParams } from './meta.ts'
import { CacheableResult, Result } from './results.ts'

/** Params of `initialize`, which opens every conversation before 2026-07-28. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#initializerequestparams */
export const InitializeRequestParams = RequestParams.extend({
  protocolVersion: z.string(),
  capabilities: ClientCapabilities,
  clientInfo: Implementation,
})
export type InitializeRequestParams = z.infer<typeof InitializeRequestParams>

/** The server's half of the handshake; `protocolVersion` is the one both now speak. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#initializeresult */
export const InitializeResult = Result.extend({
  protocolVersion: z.string(),
  capabilities: ServerCapabilities,
  serverInfo: Implementation,
  instructions: z.string().optional(),
})
export type InitializeResult = z.infer<typeof InitializeResult>

/** The answer of `server/discover`: what a server speaks and offers. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#discoverresult */
export const DiscoverResult = CacheableResult.extend({
  supportedVersions: z.array(z.string()),
  capabilities: ServerCapabilities,
  instructions: z.string().optional(),
})
export type DiscoverResult = z.infer<typeof DiscoverResult>

/** Params of `notifications/cancelled`; only 2025-11-25 lets `requestId` be absent. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#cancellednotificationparams */
export const CancelledNotificationParams = NotificationParams.extend({
  requestId: RequestId.optional(),
  reason: z.string().optional(),
})
export type CancelledNotificationParams = z.infer<typeof CancelledNotificationParams>

/** Params of `notifications/progress`; `progress` only ever grows. @see https://modelcontextprotocol.io/specification/2026-07-28/schema#progressnotificationparams */
export const ProgressNotificationParams = NotificationParams.extend({
  progressToken: ProgressToken,
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
})
export type ProgressNotificationParams = z.infer<typeof ProgressNotificationParams>
