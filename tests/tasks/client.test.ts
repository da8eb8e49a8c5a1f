import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, type ConnectOptions, connect, http, memory, stdio } from '@bao-mcp/client'
import { resumeTask, startTask, TaskError, type TasksOptions, tasks } from '@bao-mcp/client/tasks'
import { RpcError } from '@bao-mcp/protocol/engine'
import { createServer, type Server, serveChannel, ToolError, tool } from '@bao-mcp/server'
import { httpHandler } from '@bao-mcp/server/http'
import { runAsTask, type TasksOptions as ServerTasksOptions, tasks as serverTasks } from '@bao-mcp/server/tasks'
import { z } from 'zod'

const folder = mkdtempSync(join(tmpdir(), 'bao-client-tasks-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A server whose tools end as soon as they can, or never. */
function taskServer(
  options: ServerTasksOptions = { pollIntervalMs: 1 },
): Server & { began: Promise<void>; stopped: Promise<unknown> } {
  const began = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<unknown>()
  const quick = tool({
    name: 'quick',
    output: z.object({ sum: z.number() }),
    async run(_args, call) {
      const task = await runAsTask(call, { statusMessage: 'adding' })
      task.status('added')
      return { sum: 3 }
    },
  })
  const asking = tool({
    name: 'asking',
    async run(_args, call) {
      const early = await call.ask('early', { method: 'roots/list' })
      await runAsTask(call)
      const [first, second] = await Promise.all([
        call.ask('first', { method: 'roots/list' }),
        call.ask('second', { method: 'roots/list' }),
      ])
      const third = await call.ask('third', { method: 'roots/list' })
      return [early, first, second, third].map(({ roots }) => roots.length).join(' ')
    },
  })
  const hanging = tool({
    name: 'hanging',
    async run(_args, call) {
      await runAsTask(call, { statusMessage: 'hanging on' })
      began.resolve()
      await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve(), { once: true }))
      stopped.resolve(call.signal.reason)
    },
  })
  const refusing = tool({
    name: 'refusing',
    async run(_args, call) {
      await runAsTask(call)
      throw new RpcError(-31234, 'no paper', { tray: 2 })
    },
  })
  const failing = tool({
    name: 'failing',
    async run(_args, call) {
      await runAsTask(call)
      throw new ToolError('it broke')
    },
  })
  const server = createServer({
    name: 's',
    version: '1',
    tools: [quick, asking, hanging, refusing, failing],
    extensions: [serverTasks(options)],
  })
  return Object.assign(server, { began: began.promise, stopped: stopped.promise })
}

const opened = (server: Server, options: ConnectOptions = {}, taskOptions?: TasksOptions): Promise<Client> =>
  connect(
    memory((channel) => void serveChannel(server, channel)),
    { extensions: [tasks(taskOptions)], on: { roots: [{ uri: 'file:///a' }] }, ...options },
  )

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: unknown) => error,
  )

describe.each(['modern', 'legacy'] as const)('a call of a tool that becomes a task, in the %s era', (pin) => {
  test('has its result, whether or not the era has tasks [MCP-307]', async () => {
    await using client = await opened(taskServer(), { pin })
    await client.listTools()
    expect(await client.callTool('quick')).toMatchObject({ structuredContent: { sum: 3 } })
    expect(await client.callTool('failing')).toMatchObject({ isError: true, content: [{ text: 'it broke' }] })
    expect(await failure(client.callTool('refusing'))).toMatchObject({ code: -31234, data: { tray: 2 } })
  })

  test('has the questions before the task and in it answered by the same handler [MCP-310]', async () => {
    await using client = await opened(taskServer(), { pin })
    expect((await client.callTool('asking')).content).toEqual([{ type: 'text', text: '1 1 1 1' }])
  })

  test('is cancelled on the server when its caller gives up [MCP-309]', async () => {
    const server = taskServer()
    await using client = await opened(server, { pin })
    const controller = new AbortController()
    const known = Promise.withResolvers<void>()
    const onProgress = (): void => known.resolve()
    const call = failure(client.callTool('hanging', {}, { signal: controller.signal, onProgress }))
    await server.began
    // a task that its client does not know of yet cannot be cancelled by it
    if (pin === 'modern') await known.promise
    controller.abort(new Error('enough'))
    expect(await call).toEqual(new Error('enough'))
    await server.stopped
  })

  test('can be taken as a handle', async () => {
    await using client = await opened(taskServer(), { pin })
    const task = await startTask(client, 'quick')
    expect(typeof task.id).toBe(pin === 'modern' ? 'string' : 'undefined')
    expect(await task.result()).toMatchObject({ structuredContent: { sum: 3 } })
  })
})

test('a handle tells how the task goes, and cancels it', async () => {
  const server = taskServer()
  await using client = await opened(server)
  const task = await startTask(client, 'hanging')
  const seen: string[] = []
  for await (const { status } of task) {
    seen.push(status)
    if (status === 'working') await task.cancel()
  }
  expect(seen).toEqual(['working', 'cancelled'])
  expect(await failure(task.result())).toMatchObject({ code: 'cancelled', taskId: task.id })
  await server.stopped
})

test('a task goes on without its connection, and another one takes it up [MCP-309]', async () => {
  const server = taskServer()
  let id = ''
  {
    await using first = await opened(server)
    id = (await startTask(first, 'asking')).id ?? ''
  }
  await using second = await opened(server)
  const task = await resumeTask(second, id)
  expect((await task.result()).content).toEqual([{ type: 'text', text: '1 1 1 1' }])
  expect(await failure(resumeTask(second, 'unknown'))).toMatchObject({ code: 'gone' })
})

test('a server that is listened to tells of its tasks before it would be looked at', async () => {
  await using client = await opened(taskServer({ pollIntervalMs: 3_600_000 }), {}, { listen: true })
  const task = await startTask(client, 'quick')
  expect(await task.result()).toMatchObject({ structuredContent: { sum: 3 } })
  expect((await client.callTool('asking')).content).toEqual([{ type: 'text', text: '1 1 1 1' }])
})

test('over HTTP every request about a task repeats its id in a header [MCP-308]', async () => {
  await using handler = httpHandler(taskServer())
  const seen: [method: string | null, name: string | null][] = []
  const url = 'http://127.0.0.1/mcp'
  const transport = http(url, {
    fetch(target, init) {
      const request = new Request(target, init)
      seen.push([request.headers.get('mcp-method'), request.headers.get('mcp-name')])
      return handler(request)
    },
  })
  await using client = await connect(transport, { extensions: [tasks()], on: { roots: [] }, pin: 'modern' })
  const asking = await startTask(client, 'asking')
  await asking.result()
  const hanging = await startTask(client, 'hanging')
  await hanging.cancel()
  const named = seen.filter(([method]) => method?.startsWith('tasks/') === true)
  expect(new Set(named.map(([method]) => method))).toEqual(new Set(['tasks/get', 'tasks/update', 'tasks/cancel']))
  expect(new Set(named.map(([, name]) => name))).toEqual(new Set([asking.id ?? null, hanging.id ?? null]))
})

describe('over stdio', () => {
  const start = (file: string): Promise<Client> =>
    connect(
      stdio({
        command: process.execPath,
        args: [join(import.meta.dirname, 'fixtures/server.ts'), join(folder, file)],
        termGraceMs: 0,
        stdinGraceMs: 0,
      }),
      { extensions: [tasks({ listen: true })] },
    )

  test('a restarted server still has the result of a task that was done', async () => {
    let id = ''
    {
      await using first = await start('done.sqlite')
      const task = await startTask(first, 'quick')
      id = task.id ?? ''
      await task.result()
    }
    await using second = await start('done.sqlite')
    const task = await resumeTask(second, id)
    expect((await task.result()).content).toEqual([{ type: 'text', text: 'the result' }])
  })

  test('a task whose process died has failed, and its call tells how to look at it', async () => {
    await using first = await start('dead.sqlite')
    const pid = Number((await first.callTool('pid')).content.map((block) => ('text' in block ? block.text : ''))[0])
    const task = await startTask(first, 'hang')
    process.kill(pid, 'SIGKILL')
    const error = await failure(task.result())
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ code: 'lost', taskId: task.id })
    await using second = await start('dead.sqlite')
    const again = await resumeTask(second, task.id ?? '')
    expect(await failure(again.result())).toMatchObject({ name: 'RpcError', message: 'the process that ran it ended' })
  })
})

test('a process that only waits for a task does not end before it', async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'fixtures/waiting-client.ts')], {
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  expect({ out, err, code }).toEqual({ out: 'the result\n', err: '', code: 0 })
})
