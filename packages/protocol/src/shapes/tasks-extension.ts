import { z } from 'zod'
import { Integer, JsonObject } from './base.ts'
import { ErrorObject } from './envelope.ts'
import { InputRequests, InputResponses } from './input-required.ts'
import { NotificationParams, RequestParams } from './meta.ts'
import { Result } from './results.ts'
import { SubscriptionFilter } from './subscriptions.ts'
import { TaskStatus } from './tasks.ts'

/** A task of the `io.modelcontextprotocol/tasks` extension: times are ISO 8601, a null `ttlMs` means forever. @see https://github.com/modelcontextprotocol/ext-tasks */
export const ExtensionTask = z.looseObject({
  taskId: z.string(),
  status: TaskStatus,
  statusMessage: z.string().optional(),
  createdAt: z.string(),
  lastUpdatedAt: z.string(),
  ttlMs: z.union([Integer, z.null()]),
  pollIntervalMs: Integer.optional(),
})
export type ExtensionTask = z.infer<typeof ExtensionTask>

/** The answer of a tool call that now runs as a task; the task's members lie flat in it. @see https://github.com/modelcontextprotocol/ext-tasks */
export const ExtensionCreateTaskResult = Result.extend({ ...ExtensionTask.shape, resultType: z.literal('task') })
export type ExtensionCreateTaskResult = z.infer<typeof ExtensionCreateTaskResult>

const running = ExtensionTask.extend({ status: z.enum(['working', 'cancelled']) })
const asking = ExtensionTask.extend({ status: z.literal('input_required'), inputRequests: InputRequests })
const completed = ExtensionTask.extend({ status: z.literal('completed'), result: JsonObject })
const failed = ExtensionTask.extend({ status: z.literal('failed'), error: ErrorObject })

const detailedTask = z.discriminatedUnion('status', [running, asking, completed, failed])
export type DetailedTask = z.infer<typeof detailedTask>
/** A task with what its status brings: the open questions, the result, or the JSON-RPC error. @see https://github.com/modelcontextprotocol/ext-tasks */
export const DetailedTask: z.ZodType<DetailedTask> = detailedTask

/** The answer of the extension's `tasks/get`. @see https://github.com/modelcontextprotocol/ext-tasks */
export const GetDetailedTaskResult = z.intersection(Result, DetailedTask)
export type GetDetailedTaskResult = z.infer<typeof GetDetailedTaskResult>

/** Params of the extension's `tasks/get` and `tasks/cancel`. @see https://github.com/modelcontextprotocol/ext-tasks */
export const ExtensionTaskRequestParams = RequestParams.extend({ taskId: z.string() })
export type ExtensionTaskRequestParams = z.infer<typeof ExtensionTaskRequestParams>

/** Params of `tasks/update`: answers to some of a task's open questions. @see https://github.com/modelcontextprotocol/ext-tasks */
export const UpdateTaskRequestParams = ExtensionTaskRequestParams.extend({ inputResponses: InputResponses })
export type UpdateTaskRequestParams = z.infer<typeof UpdateTaskRequestParams>

/** A listen filter that also names tasks. @see https://github.com/modelcontextprotocol/ext-tasks */
export const TaskSubscriptionFilter = SubscriptionFilter.extend({ taskIds: z.array(z.string()).optional() })
export type TaskSubscriptionFilter = z.infer<typeof TaskSubscriptionFilter>

/** Params of `notifications/tasks`: the task as it is now. @see https://github.com/modelcontextprotocol/ext-tasks */
export const TaskNotificationParams = z.intersection(NotificationParams, DetailedTask)
export type TaskNotificationParams = z.infer<typeof TaskNotificationParams>
