import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { heard } from '../../test/ask-kit.ts'
import { fakeClock, gate, microtasks, textOf } from '../../test/kit.ts'
import { as, getTask, inside, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { memoryTasks, runAsTask, type TaskStore } from './index.ts'

const thrownBy = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined).catch((e: unknown) => e)

describe('the time of a task', () => {
  test('is cut down to the longest, and when it is over the task is unknown with its result', async () => {
    const clock = fakeClock()
    const server = taskServer(
      async (_args, call) => {
        await runAsTask(call, { ttlMs: 99_999 })
        return 'x'
      },
      { tasks: { now: clock.now, maxTtlMs: 5000 } },
    )
    await using pair = await openTasks(server, { clock })
    const taskId = await startTask(pair)
    expect((await taskIn(pair, taskId, 'completed')).ttlMs).toBe(5000)
    clock.advance(4999)
    expect((await getTask(pair, taskId)).status).toBe('completed')
    clock.advance(1)
    expect(await thrownBy(getTask(pair, taskId))).toMatchObject({ code: INVALID_PARAMS })
  })

  test('ends a handler that still runs, or waits, by its signal', async () => {
    const clock = fakeClock()
    const stopped: unknown[] = []
    const server = taskServer(
      async ({ asks }, call) => {
        await runAsTask(call)
        const over = gate()
        call.signal.addEventListener('abort', () => {
          stopped.push(asks)
          over.open()
        })
        if (asks === true) return await heard(call, 'a')
        await over.opened
        return 'x'
      },
      { tasks: { now: clock.now, ttlMs: 1000 } },
    )
    await using pair = await openTasks(server, { clock })
    const running = await startTask(pair, { asks: false })
    await taskIn(pair, running, 'working')
    await taskIn(pair, await startTask(pair, { asks: true }), 'input_required')
    // the run that asked was ended by its question
    expect(stopped).toEqual([true])
    clock.advance(1000)
    expect(stopped).toEqual([true, false])
    await microtasks()
    expect(await thrownBy(getTask(pair, running))).toMatchObject({ code: INVALID_PARAMS })
  })

  test('is kept to when the time of day is set back meanwhile', async () => {
    const clock = fakeClock()
    let setBackMs = 0
    const now = (): number => clock.now() - setBackMs
    const store = memoryTasks()
    const server = taskServer(async (_args, call) => void (await runAsTask(call)), {
      tasks: { now, ttlMs: 1000, store },
    })
    await using pair = await openTasks(server, { clock })
    const taskId = await startTask(pair)
    setBackMs = 400
    clock.advance(1000)
    expect(await store.read(taskId)).toBeDefined()
    clock.advance(400)
    expect(await store.read(taskId)).toBeUndefined()
  })
})

describe('there is room', () => {
  const finishing = (limits: object): ReturnType<typeof taskServer> =>
    taskServer(async (_args, call) => void (await runAsTask(call)), { tasks: limits })

  test('for as many tasks as the limit says, finished ones included', async () => {
    const clock = fakeClock()
    await using pair = await openTasks(finishing({ maxTasks: 2, ttlMs: 1000, now: clock.now }), { clock })
    await startTask(pair)
    await startTask(pair)
    expect(await thrownBy(startTask(pair))).toMatchObject({
      code: SERVER_BUSY,
      message: 'the server is busy: no more tasks can be kept (maxTasks)',
    })
    clock.advance(1000)
    await startTask(pair)
  })

  test('for each principal apart', async () => {
    const server = finishing({ maxTasksPerPrincipal: 1 })
    await using ann = await openTasks(server, as('ann'))
    await using bob = await openTasks(server, as('bob'))
    await startTask(ann)
    await startTask(bob)
    expect(await thrownBy(startTask(ann))).toMatchObject({
      code: SERVER_BUSY,
      message: expect.stringContaining('(maxTasksPerPrincipal)'),
    })
  })

  test('for so many characters', async () => {
    await using pair = await openTasks(finishing({ store: memoryTasks({ maxStoredLength: 10 }) }))
    expect(await thrownBy(startTask(pair))).toMatchObject({
      code: SERVER_BUSY,
      message: expect.stringContaining('(maxStoredLength)'),
    })
  })

  test.each([
    ['ttlMs', 0],
    ['ttlMs', 1.5],
    ['maxTtlMs', Number.POSITIVE_INFINITY],
    ['pollIntervalMs', -1],
    ['maxTasks', 0],
    ['maxTasksPerPrincipal', 0],
    ['maxResultLength', 0],
    ['maxFollowedTasks', -1],
  ])('or an error by name: %s %p', (limit, value) => {
    expect(() => finishing({ [limit]: value })).toThrow(new RegExp(`^${limit} must be`))
  })
})

test('a running task takes a place among the calls, and waits for one as long as it must', async () => {
  const clock = fakeClock()
  const door = gate()
  const server = taskServer(
    async ({ waits }, call) => {
      if (waits !== true) await runAsTask(call)
      else await door.opened
      return 'x'
    },
    { tasks: { now: clock.now } },
  )
  await using pair = await openTasks(server, { clock, maxConcurrentCalls: 1, maxQueuedCalls: 0 })
  const taskId = await startTask(pair)
  const waiting = pair.request('tools/call', { name: 'it', arguments: { waits: true } })
  await pair.barrier()
  for (let nth = 0; nth < 3; nth++) {
    clock.advance(1000)
    await microtasks()
  }
  expect((await getTask(pair, taskId)).status).toBe('working')
  door.open()
  await waiting
  clock.advance(1000)
  await taskIn(pair, taskId, 'completed')
})

test('a handler that means to be busy is not run again', async () => {
  let runs = 0
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    runs++
    throw new RpcError(SERVER_BUSY, 'the printer is busy')
  })
  await using pair = await openTasks(server)
  const task = await taskIn(pair, await startTask(pair), 'failed')
  expect(inside(task, 'error').message).toBe('the printer is busy')
  expect(runs).toBe(1)
})

test('a call that was given up before it became a task leaves none that runs', async () => {
  const creating = gate()
  const goOn = gate()
  const real = memoryTasks()
  const made: string[] = []
  const store: TaskStore = {
    ...real,
    async create(record, room) {
      made.push(record.id)
      creating.open()
      await goOn.opened
      return real.create(record, room)
    },
  }
  const runs: string[] = []
  const server = taskServer(
    async (_args, call) => {
      runs.push('run')
      await runAsTask(call)
    },
    { tasks: { store } },
  )
  await using pair = await openTasks(server)
  const over = new AbortController()
  const call = thrownBy(pair.request('tools/call', { name: 'it' }, { signal: over.signal }))
  await creating.opened
  over.abort(new Error('given up'))
  await call
  await pair.barrier()
  goOn.open()
  await microtasks()
  const [taskId = ''] = made
  expect((await getTask(pair, taskId)).status).toBe('cancelled')
  expect(runs).toEqual(['run'])
})

test('a store that fails for a while loses no result', async () => {
  const clock = fakeClock()
  const real = memoryTasks()
  let isBroken = true
  const store: TaskStore = {
    ...real,
    async write(record) {
      if (isBroken) throw new Error('disk full')
      return real.write(record)
    },
  }
  const server = taskServer(
    async (_args, call) => {
      await runAsTask(call)
      return 'kept'
    },
    { tasks: { store, now: clock.now } },
  )
  await using pair = await openTasks(server, { clock })
  const taskId = await startTask(pair)
  await microtasks()
  expect(pair.log.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('it is tried again') }])
  isBroken = false
  clock.advance(1000)
  expect(textOf(inside(await taskIn(pair, taskId, 'completed'), 'result'))).toBe('kept')
})

test('a store that cannot create fails the call and tells its client nothing of why', async () => {
  const store: TaskStore = { ...memoryTasks(), create: () => Promise.reject(new Error('secret path')) }
  const server = taskServer(async (_args, call) => void (await runAsTask(call)), { tasks: { store } })
  await using pair = await openTasks(server)
  expect(await thrownBy(startTask(pair))).toMatchObject({ code: -32603, message: 'Internal error' })
})
