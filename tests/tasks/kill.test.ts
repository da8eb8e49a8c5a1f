import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPeer, isJsonObject, type JsonObject, META, mcpConventions } from '@bao-mcp/protocol/engine'
import { stdio } from '../../packages/client/src/transports/stdio.ts'

const folder = mkdtempSync(join(tmpdir(), 'bao-task-processes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const META_OF_ALL = {
  [META.protocolVersion]: '2026-07-28',
  [META.clientCapabilities]: { extensions: { 'io.modelcontextprotocol/tasks': {} } },
}

interface TaskProcess extends AsyncDisposable {
  call(name: string): Promise<JsonObject>
  about(method: 'tasks/get' | 'tasks/cancel', taskId: unknown): Promise<JsonObject>
  /** Looks at a task until it has this status. */
  until(taskId: unknown, status: string): Promise<JsonObject>
  /** Kills it without a word of warning. */
  kill(): Promise<void>
}

async function start(path: string): Promise<TaskProcess> {
  const server = join(import.meta.dirname, 'fixtures/server.ts')
  const channel = await stdio({ command: process.execPath, args: [server, path] }).open()
  const peer = createPeer(
    channel,
    {
      request() {
        throw new TypeError('this server asks nothing')
      },
      notice: () => undefined,
    },
    { conventions: mcpConventions },
  )
  const request = (method: string, params: JsonObject): Promise<JsonObject> =>
    peer.request(method, { ...params, _meta: META_OF_ALL })
  const { content } = await request('tools/call', { name: 'pid' })
  const [first]: unknown[] = Array.isArray(content) ? content : []
  const pid = Number(isJsonObject(first) ? first.text : undefined)

  return {
    call: (name) => request('tools/call', { name }),
    about: (method, taskId) => request(method, { taskId }),
    async until(taskId, status) {
      for (;;) {
        const task = await request('tasks/get', { taskId })
        if (task.status === status) return task
      }
    },
    async kill() {
      process.kill(pid, 'SIGKILL')
      await peer.closed
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

test('after a kill, the next process still tells of every task, and those that ran have failed', async () => {
  const path = join(folder, 'kill.sqlite')
  let hanging: JsonObject
  let finished: JsonObject
  {
    await using first = await start(path)
    hanging = await first.call('hang')
    expect(hanging).toMatchObject({ resultType: 'task', status: 'working' })
    const { taskId } = await first.call('quick')
    finished = await first.until(taskId, 'completed')
    await first.kill()
  }
  await using second = await start(path)
  expect(await second.about('tasks/get', hanging.taskId)).toMatchObject({
    resultType: 'complete',
    status: 'failed',
    statusMessage: 'the process that ran it ended',
    error: { code: -32603, message: 'the process that ran it ended' },
    createdAt: hanging.createdAt,
  })
  expect(await second.about('tasks/get', finished.taskId)).toEqual(finished)
})

test('processes on one file leave each other what they run, until one is killed', async () => {
  const path = join(folder, 'two.sqlite')
  await using first = await start(path)
  const own = await first.call('hang')
  await using second = await start(path)
  const others = await second.call('hang')
  await using third = await start(path)
  for (const task of [own, others]) {
    expect(await third.about('tasks/get', task.taskId)).toMatchObject({ status: 'working' })
  }
  await first.kill()
  expect(await third.about('tasks/get', own.taskId)).toMatchObject({ status: 'failed' })
  expect(await third.about('tasks/get', others.taskId)).toMatchObject({ status: 'working' })
})

test('a task that another process was told to cancel is cancelled for good', async () => {
  const path = join(folder, 'cancel.sqlite')
  await using first = await start(path)
  await using second = await start(path)
  const { taskId } = await first.call('hang')
  await second.about('tasks/cancel', taskId)
  expect(await first.about('tasks/get', taskId)).toMatchObject({ status: 'cancelled' })
})
