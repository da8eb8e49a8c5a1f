import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { connect } from '../connect.ts'
import type { ClientMiddleware } from '../middleware.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from '../testing/scripted-server.test.kit.ts'
import { resumeTask, startTask, type TaskHandle } from './handle.ts'
import type { TaskState } from './read-task.ts'
import { DONE, ID, openTo, taskServer } from './task-server.test.kit.ts'
import { tasks } from './tasks.ts'

async function walk(task: TaskHandle, seen: TaskState['status'][] = []): Promise<TaskState['status'][]> {
  for await (const { status } of task) seen.push(status)
  return seen
}

describe('startTask', () => {
  test('resolves with a handle as soon as the call is a task', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await startTask(opened.client, 'it', { a: 1 })
    expect(task.id).toBe(ID)
    expect(server.received.find(({ method }) => method === 'tools/call')?.params).toMatchObject({
      name: 'it',
      arguments: { a: 1 },
    })
    expect(await task.status()).toMatchObject({ status: 'working' })
    server.state = DONE
    await opened.looks(1)
    expect(await task.result()).toMatchObject({ content: [{ type: 'text', text: 'done' }] })
    expect(await task.status()).toMatchObject({ status: 'completed' })
  })

  test('gives its states as they change, to everybody who walks it', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await startTask(opened.client, 'it')
    const walks = [walk(task), walk(task)]
    await opened.looks(2)
    server.state = { status: 'input_required', inputRequests: {} }
    await opened.looks(1)
    server.state = {}
    await opened.looks(1)
    server.state = DONE
    await opened.looks(1)
    for (const seen of walks) expect(await seen).toEqual(['working', 'input_required', 'working', 'completed'])
    expect(await walk(task)).toEqual(['completed'])
  })

  test('a walk ends with the error that lost the task', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await startTask(opened.client, 'it')
    const seen: TaskState['status'][] = []
    const walked = failure(walk(task, seen))
    await settle()
    await opened.client.close()
    expect(await walked).toMatchObject({ code: 'lost', taskId: ID })
    expect(seen).toEqual(['working'])
  })

  test('has no time limit unless one is given', async () => {
    const server = taskServer()
    await using opened = await openTo(server, { maxTotalTimeoutMs: 5_000 })
    const task = await startTask(opened.client, 'it')
    const limited = await startTask(opened.client, 'it', {}, { maxTotalTimeoutMs: 3_000 })
    await opened.clock.advance(100_000)
    expect(await failure(limited.result())).toMatchObject({ code: 'total_timeout' })
    server.state = DONE
    await opened.looks(1)
    await task.result()
  })

  test('asks the server to cancel it, and tells how it ends', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await startTask(opened.client, 'it')
    await task.cancel()
    expect(server.count('tasks/cancel')).toBe(1)
    server.state = { status: 'cancelled' }
    await opened.looks(1)
    expect(await failure(task.result())).toMatchObject({ code: 'cancelled' })
    await task.cancel()
    expect(server.count('tasks/cancel')).toBe(1)
  })

  test('status looks at once when the last look is old enough, once for all who ask, and else not [MCP-309]', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await startTask(opened.client, 'it')
    await opened.clock.advance(1000)
    expect(server.count('tasks/get')).toBe(1)
    await Promise.all([task.status(), task.status()])
    expect(server.count('tasks/get')).toBe(1)
    // the next look of its own would come 1250 ms after the last
    await opened.clock.advance(1100)
    server.state = DONE
    const states = await Promise.all([task.status(), task.status()])
    expect(states.map((state) => state?.status)).toEqual(['completed', 'completed'])
    expect(server.count('tasks/get')).toBe(2)
    await task.result()
  })

  test.each([...ERAS])('a call that is answered at once has its result and no id (%s)', async (era) => {
    const server = scripted(ofEra(era, (message, wire) => wire.answer(message, { content: [] })))
    await using client = await connect(server, { extensions: [tasks()] })
    const task = await startTask(client, 'it')
    expect(task.id).toBeUndefined()
    expect((await task.result()).content).toEqual([])
    expect([await task.status(), await walk(task), await task.cancel()]).toEqual([undefined, [], undefined])
  })

  test('rejects with what the call was refused with', async () => {
    const server = scripted(ofEra('modern', (message, wire) => wire.fail(message, INVALID_PARAMS, 'no such tool')))
    await using client = await connect(server, { extensions: [tasks()] })
    expect(await failure(startTask(client, 'it'))).toMatchObject({ code: INVALID_PARAMS })
  })

  test('needs a client that understands tasks', async () => {
    await using client = await connect(taskServer())
    expect(String(await failure(startTask(client, 'it')))).toContain('extensions: [tasks()]')
    expect(String(await failure(resumeTask(client, ID)))).toContain('extensions: [tasks()]')
  })

  test('middleware sees the finished result and nothing of the task', async () => {
    const server = taskServer()
    const seen: unknown[] = []
    const middleware: ClientMiddleware = async (request, next) => {
      const result = await next(request)
      seen.push(request.method, result)
      return result
    }
    await using opened = await openTo(server, { middleware: [middleware] })
    const task = await startTask(opened.client, 'it')
    expect(seen).toEqual([])
    server.state = DONE
    await opened.looks(1)
    await task.result()
    expect(seen).toEqual(['tools/call', expect.objectContaining({ content: [{ type: 'text', text: 'done' }] })])
  })
})

describe('resumeTask', () => {
  test('goes on with a task of an earlier connection [MCP-309]', async () => {
    const server = taskServer()
    let id: string | undefined
    {
      await using first = await openTo(server)
      id = (await startTask(first.client, 'it')).id
    }
    expect(server.count('tasks/cancel')).toBe(0)
    await using second = await openTo(server)
    const task = await resumeTask(second.client, id ?? '')
    expect([task.id, (await task.status())?.status]).toEqual([ID, 'working'])
    server.state = DONE
    await second.looks(1)
    expect((await task.result()).content).toEqual([{ type: 'text', text: 'done' }])
    expect(server.count('tools/call')).toBe(1)
  })

  test('says when the server knows no such task', async () => {
    const server = taskServer()
    server.onGet = (message, wire) => {
      wire.fail(message, INVALID_PARAMS, 'expired')
      return true
    }
    await using opened = await openTo(server)
    expect(await failure(resumeTask(opened.client, 'x'))).toMatchObject({ code: 'gone', taskId: 'x' })
  })

  test('a signal that aborts cancels it', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const controller = new AbortController()
    const task = await resumeTask(opened.client, ID, { signal: controller.signal })
    controller.abort(new RangeError('enough'))
    expect(await failure(task.result())).toEqual(new RangeError('enough'))
    await server.got('tasks/cancel')
  })

  test('notices the end of the connection at once', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const task = await resumeTask(opened.client, ID)
    server.wire.end()
    expect(await failure(task.result())).toMatchObject({ code: 'lost' })
  })

  test('its questions reach the handlers of the new connection', async () => {
    const server = taskServer()
    await using opened = await openTo(server, { on: { roots: [] } })
    server.state = { status: 'input_required', inputRequests: { r: { method: 'roots/list' } } }
    const task = await resumeTask(opened.client, ID)
    await settle()
    expect(server.answers).toEqual([{ r: { roots: [] } }])
    server.state = DONE
    await opened.looks(1)
    await task.result()
  })
})
