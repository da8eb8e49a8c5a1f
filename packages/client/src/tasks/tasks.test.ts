import { describe, expect, test } from 'bun:test'
import { HUB_LOST, INVALID_PARAMS, METHOD_NOT_FOUND, RpcError } from '@bao-mcp/protocol/engine'
import { settle } from '@bao-mcp/protocol/testing'
import { AuthError } from '../auth/auth-error.ts'
import { connect } from '../connect.ts'
import { InputError } from '../input-error.ts'
import type { Progress } from '../progress.ts'
import { failOn } from '../testing/fail-on.test.kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { ofEra, scripted } from '../testing/scripted-server.test.kit.ts'
import { startTask } from './handle.ts'
import { TaskError } from './task-error.ts'
import { asks, DONE, FORM, ID, INTERVAL_MS, openTo, taskServer, told } from './task-server.test.kit.ts'
import { tasks } from './tasks.ts'

describe('a call that becomes a task', () => {
  test('is lost, and not refused, where its server wants another login to look at it', async () => {
    const server = taskServer()
    const cause = new AuthError('rejected', 'the token was refused', { status: 401 })
    failOn(server, 'tasks/get', () => cause)
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it'))
    await opened.clock.advance(INTERVAL_MS)
    expect(await call).toMatchObject({ name: 'TaskError', code: 'lost', taskId: ID, cause })
  })

  test('gives its result to the caller, as one that does not [MCP-307]', async () => {
    let isTask = false
    const server = taskServer((message, wire) => {
      if (isTask || message.method !== 'tools/call') return false
      wire.answer(message, { resultType: 'complete', content: [{ type: 'text', text: 'at once' }] })
      return true
    })
    await using opened = await openTo(server)
    expect((await opened.client.callTool('it')).content).toEqual([{ type: 'text', text: 'at once' }])
    isTask = true
    const call = opened.client.callTool('it')
    await opened.looks(2)
    server.state = DONE
    await opened.looks(1)
    expect(await call).toMatchObject({ content: [{ type: 'text', text: 'done' }] })
    expect(server.received.find(({ method }) => method === 'tasks/get')?.params?.taskId).toBe(ID)
  })

  test('of a tool that failed has a result that says so', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = opened.client.callTool('it')
    server.state = { status: 'completed', result: { content: [], isError: true } }
    await opened.looks(1)
    expect(await call).toMatchObject({ isError: true })
  })

  test('rejects with the error its task failed with', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it'))
    server.state = { status: 'failed', error: { code: -31234, message: 'no paper', data: { tray: 2 } } }
    await opened.looks(1)
    expect(await call).toMatchObject({ name: 'RpcError', code: -31234, message: 'no paper', data: { tray: 2 } })
  })

  test('rejects when its task was cancelled, or is no more', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const cancelled = failure(opened.client.callTool('it'))
    server.state = { status: 'cancelled', statusMessage: 'out of hours' }
    await opened.looks(1)
    expect(await cancelled).toMatchObject({ name: 'TaskError', code: 'cancelled', taskId: ID })
    server.onGet = (message, wire) => {
      wire.fail(message, INVALID_PARAMS, 'no such task')
      return true
    }
    const gone = failure(opened.client.callTool('it'))
    await opened.looks(1)
    expect(await gone).toMatchObject({ name: 'TaskError', code: 'gone', taskId: ID })
    expect(server.count('tasks/cancel')).toBe(0)
  })

  test('a task as the answer of another method is an invalid result [MCP-307]', async () => {
    const server = scripted(
      ofEra('modern', (message, wire) => {
        if (message.id !== undefined) wire.answer(message, { resultType: 'task', ...told() })
      }),
    )
    await using client = await connect(server, { extensions: [tasks()] })
    const invalid = (method: string) => ({ name: 'InvalidResultError', method })
    expect(await failure(client.getPrompt('it'))).toMatchObject(invalid('prompts/get'))
    expect(await failure(client.readResource('a:b'))).toMatchObject(invalid('resources/read'))
    expect(await failure(client.listTools())).toMatchObject(invalid('tools/list'))
    expect(await failure(client.request('tasks/get', { taskId: ID }))).toMatchObject(invalid('tasks/get'))
  })

  test('is invalid without the extension, which is not declared then [MCP-013, MCP-314]', async () => {
    const server = taskServer()
    await using client = await connect(server)
    expect(await failure(client.callTool('it'))).toMatchObject({ code: 'invalid_result' })
    expect(JSON.stringify(server.received)).not.toContain('extensions')
  })

  test('tells its status messages as progress, each once', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const heard: Progress[] = []
    const call = opened.client.callTool('it', {}, { onProgress: (progress) => heard.push(progress) })
    for (const statusMessage of ['one', 'one', 'two']) {
      server.state = { statusMessage }
      await opened.looks(1)
    }
    server.state = { ...DONE, statusMessage: 'two' }
    await opened.looks(1)
    await call
    expect(heard).toEqual([
      { progress: 1, message: 'one' },
      { progress: 2, message: 'two' },
    ])
  })
})

describe('giving it up', () => {
  test('cancels the task by its own method and by no notice [MCP-309]', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const controller = new AbortController()
    const call = failure(opened.client.callTool('it', {}, { signal: controller.signal }))
    await opened.looks(1)
    // also while a look is under way
    server.onGet = () => true
    await opened.looks(1)
    controller.abort(new RangeError('enough'))
    expect(await call).toEqual(new RangeError('enough'))
    expect((await server.got('tasks/cancel')).params?.taskId).toBe(ID)
    await opened.clock.advance(60_000)
    expect(server.methods).not.toContain('notifications/cancelled')
    expect(server.count('tasks/get')).toBe(2)
  })

  test('maxTotalTimeoutMs counts from the call on', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it', {}, { maxTotalTimeoutMs: 2500 }))
    await opened.clock.advance(2499)
    expect(server.count('tasks/cancel')).toBe(0)
    await opened.clock.advance(1)
    expect(await call).toMatchObject({ code: 'total_timeout', outcome: 'unknown' })
    await server.got('tasks/cancel')
    await opened.client.close()
    expect(opened.clock.timers).toBe(0)
  })

  test('a progress listener that throws gives its call up', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const onProgress = (): never => {
      throw new RangeError('no more')
    }
    const call = failure(opened.client.callTool('it', {}, { onProgress }))
    server.state = { statusMessage: 'one' }
    await opened.looks(1)
    expect(await call).toEqual(new RangeError('no more'))
    await server.got('tasks/cancel')
  })

  test('the end of the connection is not the end of the task, whose id the error tells', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it'))
    await opened.looks(1)
    await opened.client.close()
    const error = await call
    expect(error).toMatchObject({ code: 'lost', taskId: ID })
    expect(error).toBeInstanceOf(TaskError)
    expect(server.count('tasks/cancel')).toBe(0)
  })
})

describe('looking', () => {
  test('never happens sooner than the server wants, and less often while nothing changes [MCP-309]', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const at: number[] = []
    server.onGet = () => {
      at.push(opened.clock.now())
      return false
    }
    const call = opened.client.callTool('it')
    await opened.clock.advance(8_000)
    const pauses = at.map((time, index) => time - (at[index - 1] ?? 0))
    expect(pauses).toEqual([1000, 1250, 1562.5, 1953.125])
    server.state = { pollIntervalMs: 30_000, lastUpdatedAt: 'later' }
    await opened.looks(1)
    const changed = opened.clock.now()
    server.state = DONE
    await opened.clock.advance(29_000)
    expect(at.filter((time) => time > changed)).toEqual([])
    await opened.clock.advance(1_000)
    await call
  })

  test('begins its pause when the last look is answered', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = opened.client.callTool('it')
    const pending: (() => void)[] = []
    server.onGet = (message, wire) => {
      pending.push(() => wire.answer(message, told(server.state)))
      return true
    }
    await opened.clock.advance(3000)
    expect(pending).toHaveLength(1)
    pending[0]?.()
    await opened.clock.advance(1249)
    expect(pending).toHaveLength(1)
    server.state = DONE
    await opened.clock.advance(1)
    expect(pending).toHaveLength(2)
    pending[1]?.()
    await call
  })

  test('is not driven faster by an interval of nothing', async () => {
    const server = taskServer()
    server.state = { pollIntervalMs: 0 }
    await using opened = await openTo(server)
    const call = opened.client.callTool('it')
    await opened.looks(1)
    const before = server.count('tasks/get')
    await opened.clock.advance(1000)
    expect(server.count('tasks/get') - before).toBeLessThanOrEqual(10)
    server.state = DONE
    await opened.looks(1)
    await call
  })

  test('goes on after failures that pass, with pauses that grow, and the call is not sent again', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = opened.client.callTool('it', {}, { timeoutMs: 500 })
    let failures = 0
    server.onGet = (message, wire) => {
      failures++
      if (failures === 1) wire.fail(message, HUB_LOST, 'not now')
      // the second look is not answered at all
      return failures <= 2
    }
    server.state = DONE
    await opened.looks(3)
    expect((await call).content).toEqual([{ type: 'text', text: 'done' }])
    expect(server.count('tools/call')).toBe(1)
  })

  test('fails when it cannot be done for long, without a second call and with the id of the task', async () => {
    const server = taskServer()
    await using opened = await openTo(server, {}, { maxFailedLooks: 2 })
    const call = failure(opened.client.callTool('it'))
    server.onGet = (message, wire) => {
      wire.fail(message, HUB_LOST, 'not now')
      return true
    }
    await opened.looks(3)
    expect(await call).toMatchObject({ code: 'lost', taskId: ID, cause: { code: HUB_LOST } })
    expect([server.count('tools/call'), server.count('tasks/get')]).toEqual([1, 3])
  })

  test('that is never answered loses the task, and the call is not sent again', async () => {
    const server = taskServer()
    await using opened = await openTo(server, {}, { maxFailedLooks: 1 })
    const call = failure(opened.client.callTool('it', {}, { timeoutMs: 500 }))
    server.onGet = () => true
    await opened.looks(2)
    await opened.clock.advance(500)
    expect(await call).toMatchObject({ code: 'lost', taskId: ID, cause: { code: 'timeout', method: 'tasks/get' } })
    expect([server.count('tools/call'), server.count('tasks/get')]).toEqual([1, 2])
  })

  test('fails at once for an error that does not pass', async () => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it'))
    server.onGet = (message, wire) => {
      wire.fail(message, METHOD_NOT_FOUND, 'no tasks here')
      return true
    }
    await opened.looks(1)
    expect(await call).toMatchObject({ code: 'lost', cause: { code: METHOD_NOT_FOUND } })
  })

  test.each([
    [{ status: 'paused' }, 'status'],
    [{ taskId: 'another' }, 'another task'],
    [{ status: 'completed' }, 'result'],
    [{ status: 'completed', result: { resultType: 'task' } }, 'result'],
    [{ status: 'failed', error: { code: 'x', message: 'y' } }, 'error'],
    [{ status: 'input_required', inputRequests: [] }, 'inputRequests'],
    [{ pollIntervalMs: -1 }, 'pollIntervalMs'],
    [{ ttlMs: 'long' }, 'ttlMs'],
    [{ createdAt: 5, lastUpdatedAt: 5, statusMessage: 5 }, 'createdAt'],
  ])('fails for what is no task: %j', async (state, word) => {
    const server = taskServer()
    await using opened = await openTo(server)
    const call = failure(opened.client.callTool('it'))
    server.state = state
    await opened.looks(1)
    const error = await call
    expect(error).toMatchObject({ name: 'InvalidResultError', method: 'tasks/get' })
    expect(String(error)).toContain(word)
  })

  test('an answer of a call that is no task fails it', async () => {
    const server = taskServer((message, wire) => {
      if (message.method !== 'tools/call') return false
      wire.answer(message, { resultType: 'task', taskId: '' })
      return true
    })
    await using opened = await openTo(server)
    expect(await failure(opened.client.callTool('it'))).toMatchObject({
      name: 'InvalidResultError',
      method: 'tools/call',
    })
  })
})

describe('questions of a task', () => {
  test('are asked once however often they are seen, and each answer leaves when it is there [MCP-309]', async () => {
    const server = taskServer()
    const answers = { a: Promise.withResolvers<boolean>(), b: Promise.withResolvers<boolean>() }
    const asked: string[] = []
    await using opened = await openTo(server, {
      on: {
        async elicitation() {
          const key = asked.length === 0 ? 'a' : 'b'
          asked.push(key)
          return { action: 'accept', content: { ok: await answers[key].promise } }
        },
      },
    })
    const call = opened.client.callTool('it')
    server.state = asks('a', 'b')
    await opened.looks(3)
    expect(asked).toEqual(['a', 'b'])
    answers.b.resolve(false)
    await settle()
    expect(server.answers).toEqual([{ b: { action: 'accept', content: { ok: false } } }])
    server.state = asks('a')
    await opened.looks(2)
    answers.a.resolve(true)
    await settle()
    // a server may be slow to see it
    await opened.looks(1)
    server.state = DONE
    await opened.looks(1)
    await call
    expect(server.answers.slice(1)).toEqual([{ a: { action: 'accept', content: { ok: true } } }])
    expect(asked).toHaveLength(2)
  })

  test('are trusted no more than others: without a handler, or for what may not be asked, there is no answer [MCP-310]', async () => {
    for (const [request, expected] of [
      [FORM, { name: 'InputError', code: 'undeclared' }],
      [{ method: 'files/delete' }, { name: 'InvalidResultError' }],
      [{ method: 'elicitation/create', params: { mode: 'form' } }, { name: 'InputError' }],
    ] as const) {
      const server = taskServer()
      await using opened = await openTo(
        server,
        request === FORM ? {} : { on: { elicitation: () => ({ action: 'cancel' }) } },
      )
      const call = failure(opened.client.callTool('it'))
      server.state = { status: 'input_required', inputRequests: { q: request } }
      await opened.looks(1)
      expect(await call).toMatchObject(expected)
      expect(server.answers).toEqual([])
      await server.got('tasks/cancel')
    }
  })

  test('a handler that fails cancels the task and aborts the others', async () => {
    const server = taskServer()
    const signals: AbortSignal[] = []
    await using opened = await openTo(server, {
      on: {
        elicitation(_form, { signal }) {
          signals.push(signal)
          if (signals.length === 2) throw new RangeError('broken')
          return new Promise(() => undefined)
        },
      },
    })
    const call = failure(opened.client.callTool('it'))
    server.state = asks('a', 'b')
    await opened.looks(1)
    const error = await call
    expect(error).toBeInstanceOf(InputError)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    await server.got('tasks/cancel')
  })

  test('a task that ends by itself aborts the handlers that still run', async () => {
    const server = taskServer()
    let seen: AbortSignal | undefined
    await using opened = await openTo(server, {
      on: {
        elicitation(_form, { signal }) {
          seen = signal
          return new Promise(() => undefined)
        },
      },
    })
    const call = opened.client.callTool('it')
    server.state = asks('a')
    await opened.looks(1)
    server.state = DONE
    await opened.looks(1)
    await call
    expect(seen?.aborted).toBe(true)
    expect(server.count('tasks/cancel')).toBe(0)
  })

  test('without end are given up after maxInputRounds', async () => {
    const server = taskServer()
    await using opened = await openTo(server, { maxInputRounds: 2, on: { elicitation: () => ({ action: 'decline' }) } })
    const call = failure(opened.client.callTool('it'))
    for (const key of ['a', 'b', 'c']) {
      server.state = asks(key)
      await opened.looks(1)
    }
    expect(await call).toMatchObject({ code: 'too_many_rounds', maxRounds: 2 })
    expect(server.answers).toHaveLength(2)
  })

  test('an answer that the server refuses fails the call', async () => {
    const server = taskServer((message, wire) => {
      if (message.method !== 'tasks/update') return false
      wire.fail(message, INVALID_PARAMS, 'not like that')
      return true
    })
    await using opened = await openTo(server, { on: { elicitation: () => ({ action: 'decline' }) } })
    const call = failure(opened.client.callTool('it'))
    server.state = asks('a')
    await opened.looks(1)
    expect(await call).toBeInstanceOf(RpcError)
  })
})

describe('listening', () => {
  const heard = (id: unknown, state: object) => ({
    jsonrpc: '2.0',
    method: 'notifications/tasks',
    params: { ...told(), ...state, _meta: { 'io.modelcontextprotocol/subscriptionId': id } },
  })

  test('tells of the task before the next look does', async () => {
    const server = taskServer()
    await using opened = await openTo(server, {}, { listen: true })
    const call = opened.client.callTool('it')
    const { id, params } = await server.got('subscriptions/listen')
    expect(params?.notifications).toEqual({ taskIds: [ID] })
    // what is no task, and what is of another one, is left to the next look
    server.wire.send(heard(id, { status: 7 }))
    server.wire.send(heard(id, { taskId: 'other', ...DONE }))
    server.wire.send(heard(id, DONE))
    expect(await call).toMatchObject({ content: [{ text: 'done' }] })
    expect(server.count('tasks/get')).toBe(0)
    expect(opened.clock.now()).toBeLessThan(INTERVAL_MS)
  })

  test('of its end is final: what comes behind it is from before', async () => {
    const server = taskServer()
    await using opened = await openTo(server, {}, { listen: true })
    const task = await startTask(opened.client, 'it')
    const { id } = await server.got('subscriptions/listen')
    server.wire.send(heard(id, DONE))
    server.wire.send(heard(id, { statusMessage: 'still at it' }))
    expect(await task.result()).toMatchObject({ content: [{ text: 'done' }] })
    expect(await task.status()).toMatchObject({ status: 'completed' })
    expect(server.count('tasks/get')).toBe(0)
  })

  test('ends the task while a look is not answered', async () => {
    const server = taskServer()
    await using opened = await openTo(server, {}, { listen: true })
    const call = opened.client.callTool('it')
    const { id } = await server.got('subscriptions/listen')
    server.onGet = () => true
    await opened.looks(1)
    server.wire.send(heard(id, DONE))
    expect(await call).toMatchObject({ content: [{ text: 'done' }] })
  })

  test('that the server refuses leaves the looks', async () => {
    const server = taskServer((message, wire) => {
      if (message.method !== 'subscriptions/listen') return false
      wire.fail(message, METHOD_NOT_FOUND, 'no')
      return true
    })
    await using opened = await openTo(server, {}, { listen: true })
    const call = opened.client.callTool('it')
    server.state = DONE
    await opened.looks(1)
    await call
  })
})

test('limits under which nothing could be done are refused by name', () => {
  expect(() => tasks({ pollIntervalMs: 0 })).toThrow('pollIntervalMs')
  expect(() => tasks({ maxFailedLooks: -1 })).toThrow('maxFailedLooks')
})
