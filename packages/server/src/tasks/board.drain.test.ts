import { expect, test } from 'bun:test'
import { INTERNAL_ERROR, META } from '@bao-mcp/protocol/engine'
import { bodyOf, modernCall, resultOf } from '../../test/http-kit.ts'
import { fakeClock, type Gate, gate, microtasks, recordingLog } from '../../test/kit.ts'
import { idOf, inside, openTasks, startTask, taskIn, taskServer, UNDERSTANDS_TASKS } from '../../test/tasks-kit.ts'
import { httpHandler } from '../http/handler.ts'
import { memoryTasks, runAsTask, type TaskStore } from './index.ts'

const SHUT_DOWN = { code: INTERNAL_ERROR, message: 'the server shut down before it finished' }

/** A server whose tasks run until the gate opens, whatever their signals say. */
function stubborn(store: TaskStore = memoryTasks()) {
  const go: Gate = gate()
  const reasons: unknown[] = []
  const server = taskServer(
    async (_args, call) => {
      await runAsTask(call)
      call.signal.addEventListener('abort', () => reasons.push(call.signal.reason))
      await go.opened
      return 'x'
    },
    { tasks: { store } },
  )
  return { server, go, reasons, store }
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => {
    settled = true
  })
  await microtasks()
  return settled
}

test('a connection that drains waits for its running tasks', async () => {
  const { server, go, reasons } = stubborn()
  const clock = fakeClock()
  await using pair = await openTasks(server, { clock })
  const taskId = await startTask(pair)
  await pair.barrier()
  const drained = pair.connection.drainExtensions(5000)
  clock.advance(4999)
  expect(await isSettled(drained)).toBe(false)
  go.open()
  await drained
  await taskIn(pair, taskId, 'completed')
  expect(reasons).toEqual([])
  expect(pair.log.lines).toEqual([])
})

test('what still runs after the grace is aborted and has failed, and the log counts it', async () => {
  const { server, reasons, go } = stubborn()
  const clock = fakeClock()
  await using pair = await openTasks(server, { clock })
  const taskIds = [await startTask(pair), await startTask(pair)]
  await pair.barrier()
  const drained = pair.connection.drainExtensions(5000)
  clock.advance(5000)
  await drained
  expect(reasons).toMatchObject([{ name: 'AbortError', message: 'the server is shutting down' }, {}])
  for (const taskId of taskIds) expect(inside(await taskIn(pair, taskId, 'failed'), 'error')).toEqual(SHUT_DOWN)
  expect(pair.log.lines).toMatchObject([
    { level: 'warning', message: '2 tasks did not finish within 5000 ms (drainGraceMs)' },
  ])
  go.open()
  await microtasks()
  await pair.connection.drainExtensions(5000)
  await taskIn(pair, taskIds[0] ?? '', 'failed')
})

test('tasks of another way of serving go on', async () => {
  const { server, go, reasons } = stubborn()
  await using one = await openTasks(server)
  await using other = await openTasks(server)
  const taskId = await startTask(one)
  await one.barrier()
  await other.connection.drainExtensions(0)
  go.open()
  await taskIn(one, taskId, 'completed')
  expect(reasons).toEqual([])
})

test('a store that cannot be written keeps nothing from draining', async () => {
  const real = memoryTasks()
  const store: TaskStore = { ...real, write: () => Promise.reject(new Error('disk full')) }
  const { server, reasons } = stubborn(store)
  await using pair = await openTasks(server)
  await startTask(pair)
  await pair.barrier()
  await pair.connection.drainExtensions(0)
  expect(reasons).toHaveLength(1)
  expect(pair.log.lines.at(-1)).toMatchObject({ level: 'error', message: 'the end of a task cannot be written' })
})

test('an HTTP handler gives tasks what is left of its grace, and none when it is closed', async () => {
  for (const [end, told] of [
    ['drain', 'completed'],
    ['close', 'failed'],
  ] as const) {
    const { server, go, store } = stubborn()
    const handle = httpHandler(server, { clock: fakeClock(), log: recordingLog() })
    const request = modernCall('it', {}, { meta: { [META.clientCapabilities]: UNDERSTANDS_TASKS } })
    const taskId = idOf(resultOf(await bodyOf(await handle(request))))
    const ended = handle[end]()
    expect(await isSettled(ended)).toBe(end === 'close')
    go.open()
    await ended
    expect(JSON.parse((await store.read(taskId))?.state ?? '{}')).toMatchObject({ status: told })
  }
})
