import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  type JsonObject,
  MISSING_CLIENT_CAPABILITY,
  PROGRESS,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { form, heard, type Run, serverWith } from '../test/ask-kit.ts'
import { eachEra, MODERN, openPair, questionsOf, textOf } from '../test/kit.ts'
import type { CallContext } from './context.ts'
import { inputRequired } from './registry/input-required.ts'
import { tool } from './registry/tool.ts'

describe('in stateless rounds', () => {
  const sure: Run = async (_args, call) => `done ${await heard(call, 'sure')}`
  const YES = { action: 'accept', content: { heard: 'yes' } }

  interface Rounds {
    first(args?: JsonObject): Promise<JsonObject>
    next(inputResponses: unknown, requestState: unknown, args?: JsonObject): Promise<JsonObject>
  }

  function rounds(pair: Awaited<ReturnType<typeof openPair>>): Rounds {
    return {
      first: (args = {}) => pair.request('tools/call', { name: 'it', arguments: args }),
      next: (inputResponses, requestState, args = {}) =>
        pair.request('tools/call', {
          name: 'it',
          arguments: args,
          ...(inputResponses !== undefined && { inputResponses }),
          ...(requestState !== undefined && { requestState }),
        }),
    }
  }

  test('the result names what is asked and carries a state; the server sends no request [MCP-019, MCP-177, MCP-179]', async () => {
    await using pair = await openPair(serverWith(sure))
    const result = await rounds(pair).first()
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { sure: form('sure') },
      requestState: expect.any(String),
    })
    expect(result).not.toHaveProperty('content')
    expect(pair.questions).toEqual([])
  })

  test('any process with the key can serve the next round [MCP-103]', async () => {
    const state = { keys: ['k'.repeat(32)] }
    await using one = await openPair(serverWith(sure, {}, { state }))
    await using other = await openPair(serverWith(sure, {}, { state }))
    const { state: sealed } = questionsOf(await rounds(one).first())
    expect(textOf(await rounds(other).next({ sure: YES }, sealed))).toBe('done yes')
  })

  test('any connection of this process can, without a key of ours', async () => {
    const server = serverWith(sure)
    await using one = await openPair(server)
    await using other = await openPair(server)
    const { state } = questionsOf(await rounds(one).first())
    expect(textOf(await rounds(other).next({ sure: YES }, state))).toBe('done yes')
    await using stranger = await openPair(serverWith(sure))
    await expect(rounds(stranger).next({ sure: YES }, state)).rejects.toMatchObject({ code: INVALID_PARAMS })
  })

  test('answers to keys that were never asked are ignored [MCP-187]', async () => {
    const run: Run = async (_args, call) => `${await heard(call, 'a')} ${await heard(call, 'b')}`
    await using pair = await openPair(serverWith(run))
    const first = questionsOf(await rounds(pair).first())
    expect(first.keys).toEqual(['a'])
    // an answer to b before b was asked does not count, nor does one in another shape than any answer
    const second = questionsOf(await rounds(pair).next({ a: YES, b: YES, c: { nonsense: 1 } }, first.state))
    expect(second.keys).toEqual(['b'])
    expect(textOf(await rounds(pair).next({ b: YES }, second.state))).toBe('yes yes')
  })

  test('what was asked by hand brings back only what was asked', async () => {
    const run: Run = (_args, { round }) =>
      round === undefined ? inputRequired({ requests: { a: form('a') } }) : Object.keys(round.responses).join()
    await using pair = await openPair(serverWith(run))
    const { state } = questionsOf(await rounds(pair).first())
    expect(textOf(await rounds(pair).next({ a: YES, b: YES }, state))).toBe('a')
  })

  test('a question without an answer is asked again [MCP-185, MCP-188]', async () => {
    const run: Run = async (_args, call) => (await Promise.all([heard(call, 'a'), heard(call, 'b')])).join()
    await using pair = await openPair(serverWith(run))
    const first = questionsOf(await rounds(pair).first())
    expect(first.keys).toEqual(['a', 'b'])
    const second = questionsOf(await rounds(pair).next({ b: YES }, first.state))
    expect(second.keys).toEqual(['a'])
    const third = questionsOf(await rounds(pair).next(undefined, second.state))
    expect(third.keys).toEqual(['a'])
    expect(textOf(await rounds(pair).next({ a: YES }, third.state))).toBe('yes,yes')
  })

  test('answers without a state begin from the start, for nothing was asked yet', async () => {
    await using pair = await openPair(serverWith(sure))
    expect(questionsOf(await rounds(pair).next({ sure: YES }, undefined)).keys).toEqual(['sure'])
  })

  test('an answer of another kind, or of none, is an error that names its key [MCP-186]', async () => {
    await using pair = await openPair(serverWith(sure))
    const { state } = questionsOf(await rounds(pair).first())
    for (const answer of [{}, { action: 'perhaps' }, { roots: [] }, { role: 'assistant', content: {} }]) {
      await expect(rounds(pair).next({ sure: answer }, state)).rejects.toEqual(
        new RpcError(INVALID_PARAMS, 'inputResponses["sure"] is no result of elicitation/create'),
      )
    }
    for (const responses of [[], 'yes', { sure: 'yes' }, { sure: null }]) {
      await expect(rounds(pair).next(responses, state)).rejects.toMatchObject({ code: INVALID_PARAMS })
    }
  })

  test('a state of another call, of other arguments or of nobody is refused [MCP-182, MCP-183]', async () => {
    const server = serverWith(sure)
    server.tools.add(tool({ name: 'other', run: () => 'x' }))
    await using pair = await openPair(server)
    const { state } = questionsOf(await rounds(pair).first({ sum: 1 }))
    const refusal = { code: INVALID_PARAMS, message: expect.stringContaining('params.requestState') }
    await expect(rounds(pair).next({ sure: YES }, state, { sum: 2 })).rejects.toMatchObject(refusal)
    await expect(rounds(pair).next({ sure: YES }, 'garbage', { sum: 1 })).rejects.toMatchObject(refusal)
    await expect(rounds(pair).next({ sure: YES }, '', { sum: 1 })).rejects.toMatchObject(refusal)
    const moved = pair.request('tools/call', { name: 'other', arguments: { sum: 1 }, requestState: state })
    await expect(moved).rejects.toMatchObject(refusal)
    expect(textOf(await rounds(pair).next({ sure: YES }, state, { sum: 1 }))).toBe('done yes')
  })

  test('a tool for a single use refuses an exact replay, and its honest rounds go through [MCP-184]', async () => {
    let paid = 0
    const run: Run = async (_args, call) => {
      await heard(call, 'sum')
      await heard(call, 'sure')
      return `paid ${++paid}`
    }
    await using pair = await openPair(serverWith(run, { singleUse: true }))
    const first = questionsOf(await rounds(pair).first())
    const second = questionsOf(await rounds(pair).next({ sum: YES }, first.state))
    expect(textOf(await rounds(pair).next({ sure: YES }, second.state))).toBe('paid 1')
    for (const state of [first.state, second.state]) {
      await expect(rounds(pair).next({ sum: YES, sure: YES }, state)).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining('was used before'),
      })
    }
    expect(paid).toBe(1)
  })

  test('any other tool answers a replay again', async () => {
    await using pair = await openPair(serverWith(sure))
    const { state } = questionsOf(await rounds(pair).first())
    for (let i = 0; i < 2; i++) expect(textOf(await rounds(pair).next({ sure: YES }, state))).toBe('done yes')
  })

  test('a state that grows past its limit stays with the server, or is refused by name', async () => {
    const run: Run = async (_args, call) => {
      await call.once('long', () => 'x'.repeat(3000))
      return heard(call, 'sure')
    }
    await using pair = await openPair(serverWith(run, {}, { state: { maxStateBytes: 500 } }))
    const { state } = questionsOf(await rounds(pair).first())
    expect(state.length).toBeLessThan(100)
    expect(textOf(await rounds(pair).next({ sure: YES }, state))).toBe('yes')
    await using strict = await openPair(serverWith(run, {}, { state: { maxStateBytes: 500, byReference: false } }))
    await expect(rounds(strict).first()).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: expect.stringContaining('over the limit of 500 (maxStateBytes)'),
    })
  })

  test('what a client may be asked is what this very request declares [MCP-094]', async () => {
    await using pair = await openPair(serverWith(sure), { version: MODERN, capabilities: { elicitation: {} } })
    const first = questionsOf(await rounds(pair).first())
    expect(first.keys).toEqual(['sure'])
    await using poor = await openPair(serverWith(sure), { capabilities: {} })
    await expect(rounds(poor).first()).rejects.toMatchObject({ code: MISSING_CLIENT_CAPABILITY })
  })
})

eachEra((_era, open) => {
  test('progress of a run that asked does not disturb the progress of the next', async () => {
    const late: CallContext[] = []
    const server = serverWith(async (_args, call) => {
      late.push(call)
      call.progress(late.length * 10)
      late[0]?.progress(1 + late.length * 10)
      await call.ask('a', form('sure?'))
      for (const one of late) one.progress(15 + late.indexOf(one))
      call.progress(30)
      late[0]?.progress(25)
      return 'done'
    })
    await using pair = await open(server)
    await pair.call('it', {}, { progressToken: 't' })
    await pair.barrier()
    const told = pair.notices.filter(({ method }) => method === PROGRESS).map(({ params }) => Number(params?.progress))
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(new Set(told).size).toBe(told.length)
  })
})
