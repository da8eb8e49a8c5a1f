import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  isJsonObject,
  METHOD_NOT_FOUND,
  MISSING_CLIENT_CAPABILITY,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { form, heard, serverWith } from '../../test/ask-kit.ts'
import { gate, HANDSHAKES, openPair, questionsOf, textOf } from '../../test/kit.ts'
import { getTask, idOf, inside, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { prompt } from '../registry/prompt.ts'
import { runAsTask, TASKS } from './index.ts'

describe('a client that understands tasks', () => {
  test('gets a task at once, flat and of its own kind, and the result later [MCP-297]', async () => {
    const done = gate()
    const server = taskServer(async (_args, call) => {
      await runAsTask(call, { ttlMs: 5000, pollIntervalMs: 20, statusMessage: 'begun' })
      await done.opened
      return 'the result'
    })
    await using pair = await openTasks(server)
    const { _meta, ...task } = await pair.request('tools/call', { name: 'it' })
    expect(task).toEqual({
      resultType: 'task',
      taskId: expect.stringMatching(/^[\w-]{32}$/),
      status: 'working',
      statusMessage: 'begun',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      lastUpdatedAt: task.createdAt,
      ttlMs: 5000,
      pollIntervalMs: 20,
    })
    done.open()
    const ended = await taskIn(pair, idOf(task), 'completed')
    expect(ended.resultType).toBe('complete')
    expect(textOf(inside(ended, 'result'))).toBe('the result')
  })

  test('can ask for a task as soon as it hears of it [MCP-298]', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      return 'x'
    })
    await using pair = await openTasks(server)
    for (let nth = 0; nth < 20; nth++) expect((await getTask(pair, await startTask(pair))).taskId).toBeString()
  })

  test('answers first what is asked before the task, and the task knows it [MCP-299]', async () => {
    const runs: string[] = []
    const server = taskServer(async (_args, call) => {
      runs.push('run')
      const name = await heard(call, 'name', 'Alice')
      const cost = await call.once('cost', () => runs.push('computed'))
      await runAsTask(call)
      return `${name} ${cost}`
    })
    await using pair = await openTasks(server)
    const asked = await pair.request('tools/call', { name: 'it' })
    expect(asked).toMatchObject({ resultType: 'input_required' })
    expect(asked).not.toHaveProperty('taskId')
    const { state } = questionsOf(asked)
    const inputResponses = { name: { action: 'accept', content: { heard: 'Alice' } } }
    const task = await pair.request('tools/call', { name: 'it', inputResponses, requestState: state })
    expect(task.resultType).toBe('task')
    expect(task).not.toHaveProperty('requestState')
    const ended = await taskIn(pair, idOf(task), 'completed')
    expect(textOf(inside(ended, 'result'))).toBe('Alice 3')
    expect(ended).not.toHaveProperty('requestState')
    expect(runs).toEqual(['run', 'run', 'computed', 'run'])
  })

  test('is asked before it gets a task where a handler asks and goes on at once', async () => {
    const server = taskServer(async (_args, call) => {
      const [answer] = await Promise.all([call.ask('a', form('a')), runAsTask(call)])
      return answer.action
    })
    await using pair = await openTasks(server)
    const asked = await pair.request('tools/call', { name: 'it' })
    expect(asked.resultType).toBe('input_required')
  })

  test('has nothing computed again in the task that was begun before it', async () => {
    const door = gate()
    let times = 0
    const server = taskServer(async (_args, call) => {
      const compute = async (): Promise<number> => {
        times++
        await door.opened
        return times
      }
      const [cost] = await Promise.all([call.once('cost', compute), runAsTask(call)])
      return `${cost}`
    })
    await using pair = await openTasks(server)
    const started = startTask(pair)
    await pair.barrier()
    door.open()
    const task = await taskIn(pair, await started, 'completed')
    expect(textOf(inside(task, 'result'))).toBe('1')
    expect(times).toBe(1)
  })

  test('gets a task whatever the handler makes of being ended', async () => {
    const ended: unknown[] = []
    const server = taskServer(async (_args, call) => {
      try {
        await runAsTask(call)
      } catch {
        ended.push(call.signal.aborted)
        return 'done without a task'
      }
      return 'done in a task'
    })
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'completed')
    expect(textOf(inside(task, 'result'))).toBe('done in a task')
    expect(ended).toEqual([true])
  })

  test('hears nothing of progress and logs of a task [MCP-311]', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      call.progress(1)
      call.log('error', 'x')
      return 'x'
    })
    await using pair = await openTasks(server, { logLevel: 'debug' })
    const task = await pair.peer.request('tools/call', pair.withMeta({ name: 'it' }, { progressToken: 'p' }))
    await taskIn(pair, idOf(task), 'completed')
    await pair.barrier()
    expect(pair.notices).toEqual([])
  })

  test('gets a plain result from a tool that does not ask for a task, whatever the older param says [MCP-306]', async () => {
    const server = taskServer(() => 'plain')
    await using pair = await openTasks(server)
    const result = await pair.request('tools/call', { name: 'it', task: { ttl: 1000 } })
    expect(result.resultType).toBe('complete')
    expect(textOf(result)).toBe('plain')
  })
})

describe('a client that does not understand tasks', () => {
  test('waits for the result, and status goes nowhere [MCP-296] [MCP-104]', async () => {
    const server = taskServer(async (_args, call) => {
      const task = await runAsTask(call)
      task.status('half of it')
      return 'the result'
    })
    for (const version of ['2026-07-28', ...HANDSHAKES]) {
      await using pair = await openPair(server, { version })
      expect(textOf(await pair.call('it'))).toBe('the result')
    }
  })

  test('learns what it lacks where a task is required [MCP-296] [MCP-104]', async () => {
    const server = taskServer((_args, call) => runAsTask(call, { required: true }))
    await using pair = await openPair(server)
    const error = await pair.call('it').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: MISSING_CLIENT_CAPABILITY,
      data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
    })
  })

  test('is told so in words where there are no tasks at all, even when it declares them', async () => {
    const server = taskServer((_args, call) => runAsTask(call, { required: true }))
    for (const version of HANDSHAKES) {
      await using pair = await openTasks(server, { version })
      const result = await pair.call('it')
      expect(result.isError).toBe(true)
      expect(textOf(result)).toContain(`can only run as a task, which ${version} has not`)
    }
  })
})

describe('runAsTask explains itself', () => {
  const causeOf = async (server: ReturnType<typeof serverWith>, method: string): Promise<unknown> => {
    await using pair = await openTasks(server)
    await pair.request(method, { name: 'it' }).catch(() => undefined)
    return pair.log.lines.find(({ level }) => level === 'error')?.cause
  }

  test('in a server without tasks', async () => {
    const cause = await causeOf(
      serverWith((_args, call) => runAsTask(call)),
      'tools/call',
    )
    expect(cause).toEqual(new TypeError('runAsTask needs a server with tasks: createServer({ extensions: [tasks()] })'))
  })

  test('where no task can be made of a request', async () => {
    const one = prompt({
      name: 'it',
      async run(_args, call) {
        await runAsTask(call)
        return 'x'
      },
    })
    const cause = await causeOf(
      taskServer(() => 'x', { server: { prompts: [one] } }),
      'prompts/get',
    )
    expect(cause).toEqual(new TypeError('runAsTask is for tool calls, and this is prompts/get'))
  })

  test('for a copy of the call, and for a time that is none', async () => {
    const copied = await causeOf(
      taskServer((_args, call) => runAsTask({ ...call })),
      'tools/call',
    )
    expect(copied).toBeInstanceOf(TypeError)
    const timed = await causeOf(
      taskServer((_args, call) => runAsTask(call, { ttlMs: 1.5 })),
      'tools/call',
    )
    expect(timed).toEqual(new TypeError('ttlMs must be a whole number of milliseconds, at least 1, got 1.5'))
  })
})

describe('how a task ends', () => {
  test('a failed tool is a completed task [MCP-300]', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      throw new Error('secret')
    })
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'completed')
    const result = inside(task, 'result')
    expect(result.isError).toBe(true)
    expect(textOf(result)).not.toContain('secret')
    expect(task).not.toHaveProperty('error')
  })

  test('a protocol error is a failed task that says why [MCP-300, MCP-301]', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      throw new RpcError(-31000, 'out of stock', { left: 0 })
    })
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'failed')
    expect(task).toMatchObject({
      resultType: 'complete',
      statusMessage: 'out of stock',
      error: { code: -31000, message: 'out of stock', data: { left: 0 } },
    })
    expect(task).not.toHaveProperty('result')
  })

  test('a result that is no JSON is a failed task, and the log says why', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      return { structuredContent: { n: 1n }, content: [{ type: 'text', text: 'x' }] }
    })
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'failed')
    expect(inside(task, 'error').code).toBe(INTERNAL_ERROR)
    expect(pair.log.lines.some(({ level, message }) => level === 'error' && message.includes('"it"'))).toBe(true)
  })

  test('an error whose data is no JSON is told without it', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      throw new RpcError(-31000, 'odd', { n: 1n })
    })
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'failed')
    expect(inside(task, 'error')).toEqual({ code: -31000, message: 'odd' })
  })

  test('a result over the limit is a failed task that names it', async () => {
    const server = taskServer(
      async (_args, call) => {
        await runAsTask(call)
        return 'x'.repeat(2000)
      },
      { tasks: { maxResultLength: 1000 } },
    )
    await using pair = await openTasks(server)
    const task = await taskIn(pair, await startTask(pair), 'failed')
    expect(String(task.statusMessage)).toContain('over the limit of 1000 (maxResultLength)')
  })

  test('an old kind of metadata is not on the result [MCP-306]', async () => {
    const server = taskServer(async (_args, call) => {
      await runAsTask(call)
      return 'x'
    })
    await using pair = await openTasks(server)
    const { _meta } = inside(await taskIn(pair, await startTask(pair), 'completed'), 'result')
    expect(isJsonObject(_meta) && Object.keys(_meta)).toEqual(['io.modelcontextprotocol/serverInfo'])
    const { capabilities } = await pair.request('server/discover')
    expect(capabilities).toMatchObject({ extensions: { [TASKS]: {} } })
    expect(capabilities).not.toHaveProperty('tasks')
  })

  test('where results tell no kind, tasks are neither declared nor served', async () => {
    for (const version of HANDSHAKES) {
      await using pair = await openTasks(
        taskServer(() => 'x'),
        { version },
      )
      const again = await pair.request('tasks/get', { taskId: 'x' }).catch((thrown: unknown) => thrown)
      expect(again).toMatchObject({ code: METHOD_NOT_FOUND })
    }
  })
})
