import { expect, test } from 'bun:test'
import { gate, microtasks } from '../../test/kit.ts'
import { openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { memoryTasks, runAsTask, type TaskStore } from './index.ts'

test('the end of a task that was cancelled meanwhile is let go when the store fails', async () => {
  const real = memoryTasks()
  const go = gate()
  let looks = 0
  let isBroken = false
  const store: TaskStore = {
    ...real,
    async read(id) {
      if (!isBroken) return real.read(id)
      looks++
      throw new Error('disk full')
    },
  }
  const server = taskServer(
    async (_args, call) => {
      await runAsTask(call)
      await go.opened
      return 'late'
    },
    { tasks: { store } },
  )
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await pair.barrier()
  await pair.request('tasks/cancel', { taskId })
  isBroken = true
  go.open()
  // a promise that is rejected and nobody handles fails the test
  await microtasks()
  await new Promise((resolve) => setImmediate(resolve))
  expect([looks, pair.log.lines]).toEqual([1, []])
  isBroken = false
  await taskIn(pair, taskId, 'cancelled')
})
