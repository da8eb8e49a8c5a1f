import { z } from 'zod'
import { Integer } from './base.ts'
import { NotificationParams, RequestParams } from './meta.ts'
import { PaginatedResult, Result } from './results.ts'

/** Where a task stands; `completed`, `failed` and `cancelled` are final. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#taskstatus */
export const TaskStatus = z.enum(['working', 'input_required', 'completed', 'failed', 'cancelled'])
export type TaskStatus = z.infer<typeof TaskStatus>

/** A request to run as a task, kept for `ttl` milliseconds. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#taskmetadata */
export const TaskMetadata = z.looseObject({ ttl: Integer.optional() })
export type TaskMetadata = z.infer<typeof TaskMetadata>

/** Names the task a message belongs to, under `_meta["io.modelcontextprotocol/related-task"]`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#relatedtaskmetadata */
export const RelatedTaskMetadata = z.looseObject({ taskId: z.string() })
export type RelatedTaskMetadata = z.infer<typeof RelatedTaskMetadata>

/** A task of 2025-11-25: times are ISO 8601, `ttl` and `pollInterval` milliseconds, a null `ttl` means forever. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#task */
export const Task = z.looseObject({
  taskId: z.string(),
  status: TaskStatus,
  statusMessage: z.string().optional(),
  createdAt: z.string(),
  lastUpdatedAt: z.string(),
  ttl: z.union([Integer, z.null()]),
  pollInterval: Integer.optional(),
})
export type Task = z.infer<typeof Task>

/** Params of a request that may be run as a task. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#taskaugmentedrequestparams */
export const TaskAugmentedRequestParams = RequestParams.extend({ task: TaskMetadata.optional() })
export type TaskAugmentedRequestParams = z.infer<typeof TaskAugmentedRequestParams>

/** The answer of a request that now runs as a task. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#createtaskresult */
export const CreateTaskResult = Result.extend({ task: Task })
export type CreateTaskResult = z.infer<typeof CreateTaskResult>

/** Params of `tasks/get`, `tasks/result` and `tasks/cancel`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#gettaskrequest */
export const TaskRequestParams = RequestParams.extend({ taskId: z.string() })
export type TaskRequestParams = z.infer<typeof TaskRequestParams>

/** The answer of `tasks/get`: the task itself. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#gettaskresult */
export const GetTaskResult = Result.extend(Task.shape)
export type GetTaskResult = z.infer<typeof GetTaskResult>

/** The answer of `tasks/cancel`: the task, already cancelled. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#canceltaskresult */
export const CancelTaskResult = GetTaskResult
export type CancelTaskResult = z.infer<typeof CancelTaskResult>

/** The answer of `tasks/result`: what the original request would have answered. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#gettaskpayloadresult */
export const GetTaskPayloadResult = Result
export type GetTaskPayloadResult = z.infer<typeof GetTaskPayloadResult>

/** One page of `tasks/list`. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#listtasksresult */
export const ListTasksResult = PaginatedResult.extend({ tasks: z.array(Task) })
export type ListTasksResult = z.infer<typeof ListTasksResult>

/** Params of `notifications/tasks/status`: the task as it is now. @see https://modelcontextprotocol.io/specification/2025-11-25/schema#taskstatusnotificationparams */
export const TaskStatusNotificationParams = NotificationParams.extend(Task.shape)
export type TaskStatusNotificationParams = z.infer<typeof TaskStatusNotificationParams>
