import { expect, test } from 'bun:test'
import { INVALID_PARAMS, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { form, heard, longerThanARound } from '../../test/ask-kit.ts'
import { fakeClock, gate, type Pair, textOf } from '../../test/kit.ts'
import { getTask, idOf, inside, openQuestions, openTasks, startTask, taskIn, taskServer } from '../../test/tasks-kit.ts'
import { inputRequired } from '../registry/input-required.ts'
import { runAsTask, TASKS } from './index.ts'
import { RETRY_MS } from './run-task.ts'

const accept = (text: string): JsonObject => ({ action: 'accept', content: { heard: text } })
const update = (pair: Pair, taskId: string, inputResponses: unknown): Promise<JsonObject> =>
  pair.request('tasks/update', { taskId, inputResponses })

test('a task that asks shows its questions, and goes on with the answers [MCP-301, MCP-304]', async () => {
  let runs = 0
  const server = taskServer(async (_args, call) => {
    runs++
    await runAsTask(call)
    return `hello ${await heard(call, 'name')}`
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  const asking = await taskIn(pair, taskId, 'input_required')
  expect(asking).toMatchObject({ resultType: 'complete', inputRequests: { name: form('name') } })
  const { _meta, ...ack } = await update(pair, taskId, { name: accept('Ann') })
  expect(ack).toEqual({ resultType: 'complete' })
  const ended = await taskIn(pair, taskId, 'completed')
  expect(textOf(inside(ended, 'result'))).toBe('hello Ann')
  expect(ended).not.toHaveProperty('inputRequests')
  expect(ended).not.toHaveProperty('inputResponses')
  expect(runs).toBe(3)
})

test('answers may come one by one; keys that are unknown or answered are ignored [MCP-304]', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    return (await Promise.all([heard(call, 'a'), heard(call, 'b')])).join(' ')
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await taskIn(pair, taskId, 'input_required')
  await update(pair, taskId, { a: accept('1'), nobody: accept('0'), constructor: accept('0') })
  const half = await getTask(pair, taskId)
  expect(half.status).toBe('input_required')
  expect(openQuestions(half)).toEqual(['b'])
  expect(half).not.toHaveProperty('inputResponses')
  await update(pair, taskId, { a: accept('changed') })
  expect(await getTask(pair, taskId)).toEqual(half)
  await update(pair, taskId, { b: accept('2') })
  expect(textOf(inside(await taskIn(pair, taskId, 'completed'), 'result'))).toBe('1 2')
  await update(pair, taskId, { b: accept('3') })
})

test('a key is used once in the life of a task, whatever the handler calls its questions [MCP-302]', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    const first = await heard(call, 'key', 'first')
    // the same key with another question, and a key that looks like the second name of the first
    const second = await heard(call, 'key', `second after ${first}`)
    return `${first} ${second} ${await heard(call, 'key-2', 'third')}`
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  const seen: string[] = []
  for (const text of ['1', '2', '1', '3']) {
    const task = await taskIn(pair, taskId, 'input_required')
    const [key = ''] = openQuestions(task)
    seen.push(key)
    await update(pair, taskId, { [key]: accept(text) })
    if (seen.length === 2) break
  }
  expect(seen).toEqual(['key', 'key-2'])
  const third = await taskIn(pair, taskId, 'input_required')
  expect(new Set([...seen, ...openQuestions(third)]).size).toBe(3)
})

test('what has not the shape of an answer is refused, and nothing of it is taken', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    return (await Promise.all([heard(call, 'a'), heard(call, 'b')])).join(' ')
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await taskIn(pair, taskId, 'input_required')
  for (const responses of [undefined, 'x', [], { a: 'x' }, { a: accept('1'), b: { action: 'maybe' } }]) {
    const refused = await update(pair, taskId, responses).catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ code: INVALID_PARAMS, message: expect.stringContaining('inputResponses') })
  }
  expect(openQuestions(await getTask(pair, taskId))).toEqual(['a', 'b'])
})

test('a refusal of the user is an answer', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    return (await call.ask('a', form('a'))).action
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await taskIn(pair, taskId, 'input_required')
  await update(pair, taskId, { a: { action: 'decline' } })
  expect(textOf(inside(await taskIn(pair, taskId, 'completed'), 'result'))).toBe('decline')
})

test('a task asks only what the client that made it can be asked', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    return (await call.ask('a', form('a'))).action
  })
  await using pair = await openTasks(server, { capabilities: { extensions: { [TASKS]: {} } } })
  const task = await taskIn(pair, await startTask(pair), 'failed')
  expect(inside(task, 'error').code).toBe(-32021)
})

test('cancelling ends a task that waits for an answer, and answers that come then change nothing', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    return await heard(call, 'a')
  })
  await using pair = await openTasks(server)
  const taskId = await startTask(pair)
  await taskIn(pair, taskId, 'input_required')
  await pair.request('tasks/cancel', { taskId })
  const cancelled = await getTask(pair, taskId)
  expect(cancelled.status).toBe('cancelled')
  expect(cancelled).not.toHaveProperty('inputRequests')
  await update(pair, taskId, { a: accept('1') })
  expect(await getTask(pair, taskId)).toEqual(cancelled)
})

test('a handler that asks by hand gets its state and its responses in the task, those of the round before it included', async () => {
  const server = taskServer(async (_args, call) => {
    const before = call.round?.state ?? 'none'
    if (before === 'none') return inputRequired({ requests: { name: form('name') }, state: 'one' })
    await runAsTask(call)
    const [given] = Object.values(call.round?.responses ?? {})
    const text = isJsonObject(given?.content) ? String(given.content.heard) : '?'
    if (before === 'one') return inputRequired({ requests: { name: form('again') }, state: `two ${text}` })
    return `${before} ${text}`
  })
  await using pair = await openTasks(server)
  const asked = await pair.request('tools/call', { name: 'it' })
  const task = await pair.request('tools/call', {
    name: 'it',
    inputResponses: { name: accept('Ann') },
    requestState: asked.requestState,
  })
  const taskId = idOf(task)
  await taskIn(pair, taskId, 'input_required')
  await update(pair, taskId, { name: accept('Bob') })
  expect(textOf(inside(await taskIn(pair, taskId, 'completed'), 'result'))).toBe('two Ann Bob')
})

test('a task that asks for ever fails by the name of its limit', async () => {
  const server = taskServer(async (_args, call) => {
    await runAsTask(call)
    for (let nth = 0; ; nth++) await heard(call, `q${nth}`)
  })
  await using pair = await openTasks(server, { maxRounds: 2 })
  const taskId = await startTask(pair)
  for (let nth = 0; nth < 2; nth++) {
    await taskIn(pair, taskId, 'input_required')
    const [key = ''] = openQuestions(await getTask(pair, taskId))
    await update(pair, taskId, { [key]: accept('x') })
  }
  expect((await taskIn(pair, taskId, 'failed')).statusMessage).toBe('input was still required after 2 rounds')
})

test('a tool for single use is run again by its task', async () => {
  const server = taskServer(
    async (_args, call) => {
      const name = await heard(call, 'name')
      await runAsTask(call)
      return name
    },
    { tool: { singleUse: true } },
  )
  await using pair = await openTasks(server)
  const asked = await pair.request('tools/call', { name: 'it' })
  const answered = { name: 'it', inputResponses: { name: accept('Ann') }, requestState: asked.requestState }
  const task = await pair.request('tools/call', answered)
  expect(textOf(inside(await taskIn(pair, idOf(task), 'completed'), 'result'))).toBe('Ann')
  expect(await pair.request('tools/call', answered).catch((thrown: unknown) => thrown)).toMatchObject({
    code: INVALID_PARAMS,
  })
})

test('a waiting task takes no place among the running calls', async () => {
  const door = gate()
  const server = taskServer(async ({ asks }, call) => {
    await runAsTask(call)
    if (asks === true) return await heard(call, 'a')
    await door.opened
    return 'x'
  })
  await using pair = await openTasks(server, { maxConcurrentCalls: 1, maxQueuedCalls: 1 })
  const waiting = await startTask(pair, { asks: true })
  await taskIn(pair, waiting, 'input_required')
  const running = await startTask(pair, { asks: false })
  await taskIn(pair, running, 'working')
  door.open()
  await taskIn(pair, running, 'completed')
})

test('a handler that only wants to be run again later is, with its state', async () => {
  const clock = fakeClock()
  const server = taskServer(
    async (_args, call) => {
      await runAsTask(call)
      const turn = Number(call.round?.state ?? 0)
      return turn < 2 ? inputRequired({ state: `${turn + 1}` }) : `turn ${turn}`
    },
    { tasks: { now: clock.now } },
  )
  await using pair = await openTasks(server, { clock })
  const taskId = await startTask(pair)
  for (let turn = 0; turn < 2; turn++) {
    await pair.barrier()
    await longerThanARound()
    expect((await getTask(pair, taskId)).status).toBe('working')
    clock.advance(RETRY_MS)
  }
  expect(textOf(inside(await taskIn(pair, taskId, 'completed'), 'result'))).toBe('turn 2')
})
