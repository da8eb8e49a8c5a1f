import { z } from 'zod'
import { Result } from '../results.ts'
import {
  SubscriptionsAcknowledgedNotificationParams,
  SubscriptionsListenRequestParams,
  SubscriptionsListenResult,
} from '../subscriptions.ts'
import {
  ExtensionCreateTaskResult,
  ExtensionTaskRequestParams,
  GetDetailedTaskResult,
  TaskNotificationParams,
  TaskSubscriptionFilter,
  UpdateTaskRequestParams,
} from '../tasks-extension.ts'
import { CallToolRequestParams } from '../tools.ts'
import { callToolResult, complete, describing } from './2026-07-28.ts'
import type { MethodShapes } from './catalogue.ts'

const filter = { notifications: TaskSubscriptionFilter }
const finished = z.looseObject({ resultType: z.literal('complete') })

/**
 * What `io.modelcontextprotocol/tasks` adds to 2026-07-28 or widens there, for requests that declare it.
 * @see https://github.com/modelcontextprotocol/ext-tasks
 */
export const tasksExtension: MethodShapes = {
  requests: {
    'tools/call': {
      direction: 'client',
      params: describing(CallToolRequestParams.omit({ task: true })),
      result: z.union([callToolResult, ExtensionCreateTaskResult]),
    },
    'subscriptions/listen': {
      direction: 'client',
      params: describing(SubscriptionsListenRequestParams.extend(filter)),
      result: SubscriptionsListenResult.extend({ resultType: z.literal('complete') }),
    },
    'tasks/get': {
      direction: 'client',
      params: describing(ExtensionTaskRequestParams),
      result: z.intersection(GetDetailedTaskResult, finished),
    },
    'tasks/update': { direction: 'client', params: describing(UpdateTaskRequestParams), result: complete(Result) },
    'tasks/cancel': { direction: 'client', params: describing(ExtensionTaskRequestParams), result: complete(Result) },
  },
  notifications: {
    'notifications/subscriptions/acknowledged': {
      direction: 'server',
      params: SubscriptionsAcknowledgedNotificationParams.extend(filter),
    },
    'notifications/tasks': { direction: 'server', params: TaskNotificationParams },
  },
}
