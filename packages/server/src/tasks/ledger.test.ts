import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { INTERNAL_ERROR, type JsonObject } from '@bao-mcp/protocol/engine'
import { heard } from '../../test/ask-kit.ts'
import { type FakeClock, fakeClock, gate, microtasks, textOf } from '../../test/kit.ts'
import { getTask, inside, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { runAsTask, sqliteTasks, type TaskStore } from './index.ts'
import { WATCH_MS } from './ledger.ts'

const folder = mkdtempSync(join(tmpdir(), 'bao-tasks-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => join(folder, `${files++}.sqlite`)

/** A server on a store, as if it lived in a process of its own. */
function serverOn(store: TaskStore, clock: FakeClock, stopped: unknown[] = []): ReturnType<typeof taskServer> {
  return taskServer(
    async ({ asks }, call) => {
      await runAsTask(call)
      if (asks === true) return `heard ${await heard(call, 'name')}`
      const over = gate()
      call.signal.addEventListener('abort', () => {
        stopped.push('stopped')
        over.open()
      })
      await over.opened
      return 'x'
    },
    { tasks: { store, now: clock.now } },
  )
}

const OWNER_ENDED = {
  status: 'failed',
  statusMessage: 'the process that ran it ended',
  error: { code: INTERNAL_ERROR, message: 'the process that ran it ended' },
}

describe('a process that is gone', () => {
  const left = async (path: string): Promise<{ running: string; asking: string; store: TaskStore }> => {
    const store = await sqliteTasks(path)
    const clock = fakeClock()
    await using pair = await openTasks(serverOn(store, clock), { clock })
    const running = await startTask(pair, { asks: false })
    const asking = await startTask(pair, { asks: true })
    await taskIn(pair, asking, 'input_required')
    return { running, asking, store }
  }

  test('leaves tasks that have failed for that reason, found by the next one as it starts', async () => {
    const path = newPath()
    const { running, asking, store } = await left(path)
    await store[Symbol.asyncDispose]()
    const clock = fakeClock()
    await using next = await sqliteTasks(path)
    const server = serverOn(next, clock)
    await microtasks()
    expect(await next.owners()).toEqual([])
    await using pair = await openTasks(server, { clock })
    for (const taskId of [running, asking]) expect(await getTask(pair, taskId)).toMatchObject(OWNER_ENDED)
  })

  test('leaves tasks that have failed for whoever asks later', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using other = await sqliteTasks(path)
    await using pair = await openTasks(serverOn(other, clock), { clock })
    const { running, store } = await left(path)
    expect((await getTask(pair, running)).status).toBe('working')
    await store[Symbol.asyncDispose]()
    expect(await getTask(pair, running)).toMatchObject(OWNER_ENDED)
  })

  test('is told to whoever follows its tasks', async () => {
    const path = newPath()
    const clock = fakeClock()
    await using other = await sqliteTasks(path)
    await using pair = await openTasks(serverOn(other, clock), { clock })
    const { running, store } = await left(path)
    const over = pair.request('subscriptions/listen', { notifications: { taskIds: [running] } })
    over.catch(() => undefined)
    await pair.noticed(({ method }) => method.endsWith('acknowledged'))
    await store[Symbol.asyncDispose]()
    clock.advance(WATCH_MS)
    await pair.noticed(({ method, params }) => method === 'notifications/tasks' && params?.status === 'failed')
  })

  test('leaves what was finished as it was', async () => {
    const path = newPath()
    const clock = fakeClock()
    const store = await sqliteTasks(path)
    const server = taskServer(
      async (_args, call) => {
        await runAsTask(call)
        return 'kept'
      },
      { tasks: { store, now: clock.now } },
    )
    await using first = await openTasks(server, { clock })
    const taskId = await startTask(first)
    const before = await taskIn(first, taskId, 'completed')
    await store[Symbol.asyncDispose]()
    await using next = await sqliteTasks(path)
    await using pair = await openTasks(serverOn(next, clock), { clock })
    expect(await getTask(pair, taskId)).toEqual(before)
  })
})

describe('two processes that live', () => {
  interface Two extends AsyncDisposable {
    readonly runs: Awaited<ReturnType<typeof openTasks>>
    readonly looksOn: Awaited<ReturnType<typeof openTasks>>
    readonly clock: FakeClock
    readonly stopped: unknown[]
  }

  async function two(): Promise<Two> {
    const path = newPath()
    const clock = fakeClock()
    const stopped: unknown[] = []
    const stores = [await sqliteTasks(path), await sqliteTasks(path)] as const
    const runs = await openTasks(serverOn(stores[0], clock, stopped), { clock })
    const looksOn = await openTasks(serverOn(stores[1], clock), { clock })
    return {
      runs,
      looksOn,
      clock,
      stopped,
      async [Symbol.asyncDispose]() {
        for (const one of [runs, looksOn, ...stores]) await one[Symbol.asyncDispose]()
      },
    }
  }

  test('leave each other their tasks', async () => {
    await using both = await two()
    const taskId = await startTask(both.runs, { asks: false })
    expect((await getTask(both.looksOn, taskId)).status).toBe('working')
    expect((await getTask(both.runs, taskId)).status).toBe('working')
  })

  test('answer for each other: what one is told reaches the handler in the other', async () => {
    await using both = await two()
    const taskId = await startTask(both.runs, { asks: true })
    await taskIn(both.looksOn, taskId, 'input_required')
    const inputResponses: JsonObject = { name: { action: 'accept', content: { heard: 'Ann' } } }
    await both.looksOn.request('tasks/update', { taskId, inputResponses })
    expect((await getTask(both.runs, taskId)).status).toBe('working')
    both.clock.advance(WATCH_MS)
    await microtasks()
    const task = await taskIn(both.looksOn, taskId, 'completed')
    expect(textOf(inside(task, 'result'))).toBe('heard Ann')
  })

  test('cancel for each other: the handler in the other is stopped', async () => {
    await using both = await two()
    const taskId = await startTask(both.runs, { asks: false })
    await both.runs.barrier()
    await both.looksOn.request('tasks/cancel', { taskId })
    expect(both.stopped).toEqual([])
    both.clock.advance(WATCH_MS)
    await microtasks()
    expect(both.stopped).toEqual(['stopped'])
    expect((await getTask(both.runs, taskId)).status).toBe('cancelled')
  })
})
