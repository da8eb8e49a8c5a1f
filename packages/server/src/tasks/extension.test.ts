import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CLIENT_CAPABILITY } from '@bao-mcp/protocol/engine'
import { gate, openPair, type Pair, textOf } from '../../test/kit.ts'
import { as, getTask, inside, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { createServer } from '../server.ts'
import { runAsTask, TASKS, tasks } from './index.ts'

const METHODS = ['tasks/get', 'tasks/update', 'tasks/cancel']

const refusal = (pair: Pair, method: string, params: object = {}): Promise<unknown> =>
  pair.request(method, { ...params }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

/** A server whose tasks go on until the gate opens, or their signal says stop. */
function waitingServer(): { server: ReturnType<typeof taskServer>; door: ReturnType<typeof gate>; stopped: unknown[] } {
  const door = gate()
  const stopped: unknown[] = []
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    call.signal.addEventListener('abort', () => stopped.push(call.signal.reason))
    await door.opened
    return 'done'
  })
  return { server, door, stopped }
}

describe('who may ask', () => {
  test('each method needs the extension declared with that very request [MCP-311] [MCP-106]', async () => {
    const { server, door } = waitingServer()
    await using pair = await openTasks(server)
    const taskId = await startTask(pair)
    await using plain = await openPair(server)
    for (const method of METHODS) {
      expect(await refusal(plain, method, { taskId, inputResponses: {} })).toMatchObject({
        code: MISSING_CLIENT_CAPABILITY,
        data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
      })
    }
    expect((await getTask(pair, taskId)).status).toBe('working')
    door.open()
  })

  test('an unknown task is refused by every method [MCP-303]', async () => {
    await using pair = await openTasks(taskServer(() => 'x'))
    for (const method of METHODS) {
      for (const taskId of ['', 'x', 'A'.repeat(32), 'A'.repeat(100_000)]) {
        expect(await refusal(pair, method, { taskId, inputResponses: {} })).toMatchObject({ code: INVALID_PARAMS })
      }
    }
  })

  test('what is no task id says so [MCP-106]', async () => {
    await using pair = await openTasks(taskServer(() => 'x'))
    for (const method of METHODS) {
      expect(await refusal(pair, method, { taskId: 7 })).toMatchObject({
        code: INVALID_PARAMS,
        message: 'params.taskId must be the id of a task, a string',
      })
    }
  })

  test('a task of somebody else looks like one that does not exist [MCP-305] [MCP-317]', async () => {
    const { server, door } = waitingServer()
    await using own = await openTasks(server, as('ann'))
    const taskId = await startTask(own)
    await using other = await openTasks(server, as('bob'))
    await using nobody = await openTasks(server)
    const unknown = await refusal(own, 'tasks/get', { taskId: 'A'.repeat(32) })
    for (const pair of [other, nobody]) {
      for (const method of METHODS) {
        expect(await refusal(pair, method, { taskId, inputResponses: {} })).toEqual(unknown)
      }
    }
    expect((await getTask(own, taskId)).status).toBe('working')
    door.open()
  })

  test('ids are long, random, and never the same [MCP-305]', async () => {
    const { server, door } = waitingServer()
    await using pair = await openTasks(server)
    const ids = await Promise.all(Array.from({ length: 50 }, () => startTask(pair)))
    expect(new Set(ids).size).toBe(50)
    // 32 characters of 6 bits are 192
    for (const id of ids) expect(id).toMatch(/^[\w-]{32}$/)
    door.open()
  })

  test('a task outlives the connection it was made on', async () => {
    const { server, door } = waitingServer()
    let taskId: string
    {
      await using pair = await openTasks(server)
      taskId = await startTask(pair)
    }
    door.open()
    await using later = await openTasks(server)
    expect(textOf(inside(await taskIn(later, taskId, 'completed'), 'result'))).toBe('done')
  })
})

test('methods of older tasks are unknown [MCP-306]', async () => {
  await using pair = await openTasks(taskServer(() => 'x'))
  for (const method of ['tasks/result', 'tasks/list']) {
    expect(await refusal(pair, method, { taskId: 'x' })).toMatchObject({ code: METHOD_NOT_FOUND })
  }
})

test('over HTTP every method repeats its task id in a header', () => {
  const { nameParams } = createServer({ name: 's', version: '1', extensions: [tasks()] }).extensions
  expect(Object.fromEntries(nameParams)).toEqual(Object.fromEntries(METHODS.map((method) => [method, 'taskId'])))
})

test('what a task is told by tasks/get follows its status, and is complete [MCP-297, MCP-301]', async () => {
  const { server, door } = waitingServer()
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  const working = await getTask(pair, taskId)
  expect(working).toMatchObject({ resultType: 'complete', status: 'working' })
  for (const member of ['result', 'error', 'inputRequests']) expect(working).not.toHaveProperty(member)
  door.open()
  const completed = await taskIn(pair, taskId, 'completed')
  expect(completed.resultType).toBe('complete')
  expect(completed).toHaveProperty('result')
  expect(completed).not.toHaveProperty('error')
})

describe('tasks/cancel', () => {
  test('is acknowledged with nothing, cancels at once and stops the handler [MCP-304]', async () => {
    const { server, door, stopped } = waitingServer()
    await using pair = await openTasks(server)
    const taskId = await startTask(pair)
    const { _meta, ...ack } = await pair.request('tasks/cancel', { taskId })
    expect(ack).toEqual({ resultType: 'complete' })
    expect((await getTask(pair, taskId)).status).toBe('cancelled')
    expect(stopped).toHaveLength(1)
    door.open()
    await pair.barrier()
    const after = await getTask(pair, taskId)
    expect(after.status).toBe('cancelled')
    expect(after).not.toHaveProperty('result')
  })

  test('is acknowledged for a task that is final, which it stays', async () => {
    const { server, door } = waitingServer()
    await using pair = await openTasks(server)
    const taskId = await startTask(pair)
    door.open()
    const before = await taskIn(pair, taskId, 'completed')
    const { _meta, ...ack } = await pair.request('tasks/cancel', { taskId })
    expect(ack).toEqual({ resultType: 'complete' })
    expect(await getTask(pair, taskId)).toEqual(before)
  })

  test('does not disturb a handler that has ended', async () => {
    const { server, door, stopped } = waitingServer()
    await using pair = await openTasks(server)
    const taskId = await startTask(pair)
    door.open()
    await taskIn(pair, taskId, 'completed')
    await pair.request('tasks/cancel', { taskId })
    expect(stopped).toEqual([])
  })
})

test('a signal that is looked at only later is aborted all the same', async () => {
  const cancelled = gate()
  const seen = gate()
  let wasAborted: boolean | undefined
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    await cancelled.opened
    wasAborted = call.signal.aborted
    seen.open()
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await pair.request('tasks/cancel', { taskId })
  cancelled.open()
  await seen.opened
  expect(wasAborted).toBe(true)
})
