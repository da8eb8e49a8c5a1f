import { expect, test } from 'bun:test'
import { ExtensionCreateTaskResult, GetDetailedTaskResult, TaskNotificationParams } from '@bao-mcp/protocol'
import {
  INVALID_PARAMS,
  type JsonObject,
  META,
  MISSING_CLIENT_CAPABILITY,
  type Notice,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import { heard } from '../../test/ask-kit.ts'
import { fakeClock, gate, microtasks, openPair, type Pair } from '../../test/kit.ts'
import { as, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { runAsTask } from './index.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const statusOf = ({ params }: Notice): unknown => params?.status
const isTask = ({ method }: Notice): boolean => method === 'notifications/tasks'

/** Opens a subscription, which stays open until its client goes. */
async function listen(pair: Pair, notifications: JsonObject): Promise<unknown> {
  const over = pair.request('subscriptions/listen', { notifications })
  const refused = over.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const acknowledged = pair.noticed(({ method }) => method === ACKNOWLEDGED)
  return Promise.race([refused, acknowledged])
}

test('a subscription is told the whole task each time it changes', async () => {
  const door = gate()
  const server = taskServer(async (_args, call) => {
    const task = await runAsTask(call)
    await door.opened
    task.status('going on')
    return await heard(call, 'name')
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  const acknowledged = await listen(pair, { taskIds: [taskId] })
  expect(acknowledged).toMatchObject({ params: { notifications: { taskIds: [taskId] } } })
  door.open()
  const asked = await pair.noticed((notice) => statusOf(notice) === 'input_required')
  expect(asked).toMatchObject({
    method: 'notifications/tasks',
    params: { taskId, inputRequests: { name: { method: 'elicitation/create' } } },
  })
  expect(asked.params?._meta).toHaveProperty([META.subscriptionId])
  await pair.request('tasks/update', {
    taskId,
    inputResponses: { name: { action: 'accept', content: { heard: 'x' } } },
  })
  await pair.noticed((notice) => statusOf(notice) === 'completed')
  const told = pair.notices.filter(isTask)
  expect(told.map(statusOf)).toEqual(['working', 'input_required', 'working', 'completed'])
  expect(told[0]?.params).toMatchObject({ statusMessage: 'going on' })
  for (const { params } of told) expect(params).not.toHaveProperty('inputResponses')
  expect(told.at(-1)?.params).toMatchObject({ result: { content: [{ type: 'text', text: 'x' }] } })
})

test('what happened before it was listened to is told once', async () => {
  const server = taskServer(async (_args, call) => void (await runAsTask(call)))
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await taskIn(pair, taskId, 'completed')
  await listen(pair, { taskIds: [taskId, taskId] })
  await pair.noticed(isTask)
  await pair.barrier()
  expect(pair.notices.map(({ method }) => method)).toEqual([ACKNOWLEDGED, 'notifications/tasks'])
})

test('only tasks of who asks are honoured [MCP-305]', async () => {
  const door = gate()
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    await door.opened
  })
  await using ann = await openTasks(server, as('ann'))
  await using bob = await openTasks(server, as('bob'))
  const own = await startTask(ann)
  const others = await startTask(bob)
  expect(await listen(ann, { taskIds: [others, own, 'x'] })).toMatchObject({
    params: { notifications: { taskIds: [own] } },
  })
  door.open()
  await taskIn(bob, others, 'completed')
  await ann.noticed((notice) => statusOf(notice) === 'completed')
  await ann.barrier()
  expect(ann.notices.filter(isTask).every(({ params }) => params?.taskId === own)).toBe(true)
})

test('a subscription to nothing that exists ends at once', async () => {
  await using pair = await openTasks(taskServer(() => 'x'))
  const result = await pair.request('subscriptions/listen', { notifications: { taskIds: ['x'] } })
  expect(result.resultType).toBe('complete')
  expect(pair.notices).toMatchObject([{ method: ACKNOWLEDGED, params: { notifications: {} } }])
})

test('who has not declared tasks may not ask for them [MCP-311]', async () => {
  await using pair = await openPair(taskServer(() => 'x'))
  expect(await listen(pair, { taskIds: [] })).toMatchObject({ code: MISSING_CLIENT_CAPABILITY })
})

test('what is no list of ids is refused, and so is one over the limit', async () => {
  await using pair = await openTasks(taskServer(() => 'x', { tasks: { maxFollowedTasks: 1 } }))
  for (const taskIds of ['x', [7], {}]) expect(await listen(pair, { taskIds })).toMatchObject({ code: INVALID_PARAMS })
  expect(await listen(pair, { taskIds: ['x', 'y'] })).toMatchObject({
    code: SERVER_BUSY,
    message: '2 tasks are asked for, and the limit is 1 (maxFollowedTasks)',
  })
})

test('a status that is said often is told no oftener than anybody looks, and the last one counts', async () => {
  const clock = fakeClock()
  const door = gate()
  const server = taskServer(
    async (_args, call) => {
      const task = await runAsTask(call, { pollIntervalMs: 100 })
      await door.opened
      for (let nth = 1; nth <= 100; nth++) task.status(`${nth}`)
      await gate().opened
    },
    { tasks: { now: clock.now } },
  )
  await using pair = await openTasks(server, { clock })
  await listen(pair, { taskIds: [await startTask(pair)] })
  door.open()
  await pair.noticed(isTask)
  clock.advance(100)
  await microtasks()
  await pair.barrier()
  expect(pair.notices.filter(isTask).map(({ params }) => params?.statusMessage)).toEqual(['1', '100'])
})

test('whatever is told of a task has the shape the extension publishes', async () => {
  const server = taskServer(async ({ fails }, call) => {
    const task = await runAsTask(call, { statusMessage: 'begun' })
    task.status('asking')
    await heard(call, 'name')
    if (fails === true) throw new RpcError(-31000, 'broken', { part: 1 })
    return 'x'
  })
  await using pair = await openTasks(server)
  for (const fails of [false, true]) {
    const created = await pair.request('tools/call', { name: 'it', arguments: { fails } })
    const { taskId } = ExtensionCreateTaskResult.parse(created)
    await listen(pair, { taskIds: [taskId] })
    const inputResponses = { name: { action: 'accept', content: { heard: 'x' } } }
    GetDetailedTaskResult.parse(await taskIn(pair, taskId, 'input_required'))
    await pair.request('tasks/update', { taskId, inputResponses })
    GetDetailedTaskResult.parse(await taskIn(pair, taskId, fails ? 'failed' : 'completed'))
  }
  await pair.barrier()
  const told = pair.notices.filter(isTask)
  expect(new Set(told.map(statusOf))).toEqual(new Set(['working', 'input_required', 'completed', 'failed']))
  for (const { params } of told) TaskNotificationParams.parse(params)
})
