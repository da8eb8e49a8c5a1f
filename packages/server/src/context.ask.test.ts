import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  type InputRequest,
  type JsonObject,
  LOG_MESSAGE,
  MISSING_CLIENT_CAPABILITY,
  PROGRESS,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import { eachEra, fakeClock, gate, MODERN, openPair, questionsOf, textOf } from '../test/kit.ts'
import type { CallContext } from './context.ts'
import { digestOf } from './digest.ts'
import { inputRequired } from './registry/input-required.ts'
import { type Tool, type ToolDefinition, tool } from './registry/tool.ts'
import { createServer, type Server, type ServerOptions } from './server.ts'

type Run = (args: JsonObject, call: CallContext) => unknown

/** A server whose tool `it` does what a test says. */
function serverWith(run: Run, more: Partial<ToolDefinition> = {}, options: Partial<ServerOptions> = {}): Server {
  // proof: what a handler returns at runtime is what the tests are about
  const one: Tool = tool({ name: 'it', ...more, run } as unknown as ToolDefinition)
  return createServer({ name: 's', version: '1', tools: [one], ...options })
}

const form = (
  message: string,
): {
  method: 'elicitation/create'
  params: { message: string; requestedSchema: { type: 'object'; properties: Record<string, never> } }
} => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties: {} } },
})

/** Takes more turns than any round does: sealing, sending, answering and opening. */
async function longerThanARound(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await digestOf(turn)
}

/** Answers a form with what it asked. */
const echo = ({ params }: InputRequest): JsonObject => ({ action: 'accept', content: { heard: params?.message } })
const heard = async ({ ask }: CallContext, key: string, message: string = key): Promise<unknown> =>
  (await ask(key, form(message))).content?.heard
const messages = (questions: readonly InputRequest[]): unknown[] => questions.map(({ params }) => params?.message)

eachEra((era, open) => {
  describe('ask', () => {
    test('is straight-line code: the handler goes on with the answer [MCP-177]', async () => {
      const run: Run = async (_args, call) => `${await heard(call, 'name')}!`
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('name!')
      expect(pair.questions).toMatchObject([form('name')])
    })

    test('asks all three kinds of things', async () => {
      const run: Run = async (_args, { ask }) => {
        const { roots } = await ask('roots', { method: 'roots/list' })
        const { model } = await ask('model', {
          method: 'sampling/createMessage',
          params: { messages: [{ role: 'user', content: { type: 'text', text: 'hi' } }], maxTokens: 10 },
        })
        const { action } = await ask('url', {
          method: 'elicitation/create',
          params: { mode: 'url', message: 'pay', url: 'https://example.com/pay', elicitationId: '1' },
        })
        return `${roots[0]?.uri} ${model} ${action}`
      }
      const answers: Record<string, JsonObject> = {
        'roots/list': { roots: [{ uri: 'file:///a' }] },
        'sampling/createMessage': { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm' },
        'elicitation/create': { action: 'accept' },
      }
      await using pair = await open(serverWith(run), { answer: ({ method }) => answers[method] ?? {} })
      expect(textOf(await pair.call('it'))).toBe('file:///a m accept')
      expect(pair.questions.map(({ method }) => method)).toEqual(Object.keys(answers))
    })

    test('sends questions that are asked together in one round', async () => {
      let runs = 0
      const run: Run = async (_args, call) => {
        runs++
        return (await Promise.all([heard(call, 'a'), heard(call, 'b')])).join('+')
      }
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('a+b')
      expect(runs).toBe(2)
    })

    test('asks one after the other over as many rounds as it takes', async () => {
      const run: Run = async (_args, call) => {
        const a = await heard(call, 'a')
        const b = await heard(call, 'b', `after ${a}`)
        return heard(call, 'c', `after ${b}`)
      }
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('after after a')
      expect(messages(pair.questions)).toEqual(['a', 'after a', 'after after a'])
    })

    test('may be asked under any key', async () => {
      const keys = ['constructor', '__proto__', 'toString', '1', '']
      const run: Run = async (_args, call) => {
        const words = []
        for (const key of keys) words.push(await heard(call, key, `<${key}>`))
        return words.join('')
      }
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('<constructor><__proto__><toString><1><>')
      expect(pair.questions).toHaveLength(keys.length)
    })

    test('gives a decline and a cancel as answers [MCP-256]', async () => {
      const run: Run = async (_args, { ask }) => (await ask('sure', form('sure?'))).action
      for (const action of ['decline', 'cancel']) {
        await using pair = await open(serverWith(run), { answer: () => ({ action }) })
        expect(textOf(await pair.call('it'))).toBe(action)
      }
    })

    describe('cannot be turned into "done"', () => {
      const runs: Record<string, Run> = {
        'by a catch around it': async (_args, call) => {
          const sure = await heard(call, 'sure').catch(() => 'not asked')
          return `done: ${sure}`
        },
        'by an error of the handler': async (_args, call) => {
          const sure = await heard(call, 'sure').catch(() => {
            throw new Error('gave up')
          })
          return `done: ${sure}`
        },
        'by a race that something else wins': async (_args, call) =>
          `done: ${await Promise.race([Promise.resolve('early'), heard(call, 'sure')])}`,
        'by allSettled': async (_args, call) => {
          const [sure] = await Promise.allSettled([heard(call, 'sure')])
          return `done: ${sure.status === 'fulfilled' ? sure.value : sure.status}`
        },
        'when nobody awaits it': (_args, call) => {
          void call.ask('sure', form('sure'))
          return 'done: floating'
        },
        'when the handler throws at once': (_args, call) => {
          void call.ask('sure', form('sure'))
          if (call.round === undefined) throw new Error('before any round')
          return 'done: later'
        },
      }
      for (const [how, run] of Object.entries(runs)) {
        test(how, async () => {
          await using pair = await open(serverWith(run), { answer: echo })
          const result = await pair.call('it')
          expect(messages(pair.questions)).toEqual(['sure'])
          expect(textOf(result)).toStartWith('done: ')
          expect(result).not.toHaveProperty('isError')
          expect(pair.log.lines).toEqual([])
        })
      }
    })

    test('asks again when the question under a key has changed, even one nobody awaits', async () => {
      for (const awaits of [true, false]) {
        let price = 1
        const run: Run = async (_args, call) => {
          const asking = heard(call, 'price', `pay ${price}?`)
          if (awaits) return asking
          asking.catch(() => undefined)
          return 'paid'
        }
        const raise = (question: InputRequest): JsonObject => {
          price = 2
          return echo(question)
        }
        await using pair = await open(serverWith(run), { answer: raise })
        expect(textOf(await pair.call('it'))).toBe(awaits ? 'pay 2?' : 'paid')
        expect(messages(pair.questions)).toEqual(['pay 1?', 'pay 2?'])
      }
    })

    test('aborts the signal of the run it ends, and of no other', async () => {
      const aborted: boolean[] = []
      const reasons: unknown[] = []
      const run: Run = async (_args, call) => {
        const { signal } = call
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        try {
          return await heard(call, 'a')
        } finally {
          aborted.push(signal.aborted)
        }
      }
      await using pair = await open(serverWith(run), { answer: echo })
      await pair.call('it')
      expect(aborted).toEqual([true, false])
      expect(reasons).toMatchObject([{ name: 'AbortError', message: 'the handler waits for input and will run again' }])
    })

    test('aborts a signal that is only looked at after it', async () => {
      const seen: boolean[] = []
      const run: Run = async (_args, call) => heard(call, 'a').finally(() => seen.push(call.signal.aborted))
      await using pair = await open(serverWith(run), { answer: echo })
      await pair.call('it')
      expect(seen).toEqual([true, false])
    })

    test('of something the client did not declare fails, and can says so before [MCP-095, MCP-181]', async () => {
      const run: Run = async (_args, { ask, can }) => {
        if (can('elicitation.form')) throw new Error('it was declared')
        return (await ask('sure', form('sure?'))).action
      }
      await using pair = await open(serverWith(run), { capabilities: { roots: {}, elicitation: { url: {} } } })
      if (era === 'modern') {
        await expect(pair.call('it')).rejects.toEqual(
          new RpcError(MISSING_CLIENT_CAPABILITY, 'the client has not declared the capability elicitation.form', {
            requiredCapabilities: { elicitation: { form: {} } },
          }),
        )
      } else {
        const result = await pair.call('it')
        expect(result.isError).toBe(true)
        expect(textOf(result)).toBe('the client has not declared the capability elicitation.form')
      }
      expect(pair.questions).toEqual([])
    })

    test('of something undeclared that nobody awaits ends nothing, least of all the process', async () => {
      const run: Run = (_args, { ask }) => {
        void ask('sure', form('sure?'))
        return 'done'
      }
      await using pair = await open(serverWith(run), { capabilities: {} })
      expect(textOf(await pair.call('it'))).toBe('done')
      await pair.barrier()
    })

    test('of something that no client can be asked is a mistake of the handler', async () => {
      // proof: only a handler without types can ask it
      const run: Run = (_args, { ask }) => ask('x', { method: 'tools/list' } as never)
      await using pair = await open(serverWith(run))
      expect(await pair.call('it')).toMatchObject({ isError: true })
      expect(pair.log.lines).toMatchObject([{ cause: { message: 'a client cannot be asked "tools/list"' } }])
    })

    test('is given up with the call, which is not answered then', async () => {
      const asked = gate()
      const run: Run = (_args, call) => heard(call, 'a')
      await using pair = await open(serverWith(run), {
        answer: () => {
          asked.open()
          return new Promise(() => undefined)
        },
      })
      const cancel = new AbortController()
      const call = pair.call('it', {}, {}, { signal: cancel.signal })
      await asked.opened
      cancel.abort(new Error('enough'))
      if (era === 'legacy') await expect(call).rejects.toThrow('enough')
      await pair.barrier()
      expect(pair.connection.inFlight).toBe(0)
    })
  })

  describe('a rerun', () => {
    test('repeats neither progress nor log messages', async () => {
      const run: Run = async (_args, call) => {
        call.log('info', 'before')
        call.progress(1)
        const a = await heard(call, 'a')
        call.log('info', 'between')
        call.progress(2)
        await heard(call, 'b')
        call.log('info', 'after')
        call.progress(3)
        return a
      }
      await using pair = await open(serverWith(run), { answer: echo, logLevel: 'info' })
      await pair.call('it', {}, { progressToken: 1 })
      const told = pair.notices.filter(({ method }) => method === LOG_MESSAGE || method === PROGRESS)
      expect(told.map(({ params }) => params?.data ?? params?.progress)).toEqual([
        'before',
        1,
        'between',
        2,
        'after',
        3,
      ])
    })

    test('computes once what is to be computed once, whatever it is', async () => {
      const values: readonly unknown[] = [{ deep: [1] }, 'x', 0, null, undefined, false]
      for (const value of values) {
        let computed = 0
        let seen: unknown = 'nothing yet'
        const run: Run = async (_args, call) => {
          const got = await call.once('costly', async () => {
            computed++
            return value
          })
          await heard(call, 'a')
          await heard(call, 'b')
          seen = got
          return 'done'
        }
        await using pair = await open(serverWith(run), { answer: echo })
        expect(textOf(await pair.call('it'))).toBe('done')
        expect(computed).toBe(1)
        expect(seen).toEqual(value)
      }
    })

    test('gets the same from once whether or not the state has left the process', async () => {
      const seen: unknown[] = []
      const run: Run = async (_args, call) => {
        const got = await call.once('when', () => ({ at: new Date(0), gone: undefined }))
        seen.push(JSON.stringify(got), 'gone' in got)
        got.at = new Date(1)
        await heard(call, 'a')
        return 'done'
      }
      await using pair = await open(serverWith(run), { answer: echo })
      await pair.call('it')
      const text = '{"at":"1970-01-01T00:00:00.000Z"}'
      expect(seen).toEqual([text, true, text, false])
    })

    test('waits for what has begun to be computed once, so that it does not begin again', async () => {
      let computed = 0
      const computing = gate()
      const run: Run = async (_args, call) => {
        const costly = call.once('costly', async () => {
          computed++
          await computing.opened
          return 'value'
        })
        void longerThanARound().then(computing.open)
        const [value] = await Promise.all([costly, heard(call, 'a')])
        return value
      }
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('value')
      expect(computed).toBe(1)
    })

    test('computes once for all who ask at once, again after a failure, and under any key', async () => {
      let computed = 0
      const run: Run = async (_args, { once }) => {
        const fails = once('key', () => Promise.reject(new Error('first')))
        await fails.catch(() => undefined)
        const three = await Promise.all([1, 2, 3].map(() => once('key', async () => ++computed)))
        return [...three, await once('__proto__', () => 'p'), await once('__proto__', () => 'q')].join()
      }
      await using pair = await open(serverWith(run))
      expect(textOf(await pair.call('it'))).toBe('1,1,1,p,p')
    })

    test('that would remember what JSON cannot hold fails where it is computed', async () => {
      const run: Run = (_args, { once }) => once('big', () => 1n)
      await using pair = await open(serverWith(run))
      expect(await pair.call('it')).toMatchObject({ isError: true })
      expect(pair.log.lines[0]?.cause).toBeInstanceOf(TypeError)
    })
  })

  describe('asking by hand', () => {
    test('brings back the answers and a state of its own', async () => {
      const rounds: CallContext['round'][] = []
      const run: Run = (_args, { round }) => {
        rounds.push(round)
        if (round === undefined) return inputRequired({ requests: { name: form('name') }, state: 'mine' })
        if (round.state === 'mine') return inputRequired({ requests: { more: form('more') }, state: 'still mine' })
        return `${round.state} ${JSON.stringify(round.responses)}`
      }
      await using pair = await open(serverWith(run), { answer: echo })
      expect(textOf(await pair.call('it'))).toBe('still mine {"more":{"action":"accept","content":{"heard":"more"}}}')
      expect(rounds).toEqual([
        undefined,
        { state: 'mine', responses: { name: { action: 'accept', content: { heard: 'name' } } } },
        { state: 'still mine', responses: { more: { action: 'accept', content: { heard: 'more' } } } },
      ])
    })

    test('may carry a state alone', async () => {
      const run: Run = (_args, { round }) => round?.state ?? inputRequired({ state: 'later' })
      await using pair = await open(serverWith(run))
      expect(textOf(await pair.call('it'))).toBe('later')
      expect(pair.questions).toEqual([])
    })

    test('for something the client did not declare fails as ask does', async () => {
      for (const wait of [false, true]) {
        const question = (): unknown => inputRequired({ requests: { roots: { method: 'roots/list' } } })
        const run: Run = wait ? async () => question() : question
        await using pair = await open(serverWith(run), { capabilities: {} })
        if (era === 'modern') {
          await expect(pair.call('it')).rejects.toMatchObject({
            code: MISSING_CLIENT_CAPABILITY,
            data: { requiredCapabilities: { roots: {} } },
          })
        } else {
          const result = await pair.call('it')
          expect(result.isError).toBe(true)
          expect(textOf(result)).toBe('the client has not declared the capability roots')
        }
      }
    })

    test('for something that no client can be asked is a mistake of the handler [MCP-180]', async () => {
      await using pair = await open(serverWith(() => inputRequired({ requests: { a: { method: 'ping' } } })))
      expect(await pair.call('it')).toMatchObject({ isError: true })
      expect(pair.log.lines).toMatchObject([{ cause: { message: 'a client cannot be asked "ping"' } }])
    })
  })

  test('a handler may take its context apart', async () => {
    const run: Run = async (_args, { ask, can, once, log, progress, signal, facts, round }) => {
      log('info', 'x')
      progress(1)
      const value = await once('k', () => 'v')
      const { action } = await ask('a', form('a'))
      return [value, action, can('roots'), signal.aborted, facts.revision.version, typeof round].join()
    }
    await using pair = await open(serverWith(run), { answer: echo, capabilities: { elicitation: {} } })
    expect(textOf(await pair.call('it'))).toMatch(/^v,accept,false,false,20\d\d-\d\d-\d\d,object$/)
  })
})

describe('in a conversation', () => {
  const LEGACY = { version: '2025-11-25' }
  const sure: Run = async (_args, call) => `done ${await heard(call, 'sure')}`

  test('a client that answers with an error gets the call answered as failed [MCP-256]', async () => {
    await using pair = await openPair(serverWith(sure), {
      ...LEGACY,
      answer: () => {
        throw new RpcError(-1, 'the user said no')
      },
    })
    const result = await pair.call('it')
    expect(result.isError).toBe(true)
    expect(textOf(result)).toBe('the client did not answer elicitation/create: the user said no')
  })

  test('a client that answers something else gets the call answered as failed [MCP-256]', async () => {
    for (const garbage of [{}, { action: 'perhaps' }, { roots: [] }]) {
      await using pair = await openPair(serverWith(sure), { ...LEGACY, answer: () => garbage })
      const result = await pair.call('it')
      expect(result.isError).toBe(true)
      expect(textOf(result)).toStartWith('the client did not answer elicitation/create: ')
    }
  })

  test('a client that does not answer in time gets the call answered as failed', async () => {
    const clock = fakeClock()
    const asked = gate()
    await using pair = await openPair(serverWith(sure), {
      ...LEGACY,
      clock,
      askTimeoutMs: 1000,
      answer: () => {
        asked.open()
        return new Promise(() => undefined)
      },
    })
    const call = pair.call('it')
    await asked.opened
    clock.advance(1000)
    const result = await call
    expect(result.isError).toBe(true)
    expect(textOf(result)).toContain('1000 ms')
  })

  test('when one question of a round fails the others are taken back', async () => {
    const takenBack = gate()
    const both: Run = async (_args, call) => (await Promise.all([heard(call, 'a'), heard(call, 'b')])).join()
    await using pair = await openPair(serverWith(both), {
      ...LEGACY,
      answer({ params }, signal) {
        if (params?.message === 'a') throw new RpcError(-1, 'no')
        signal.addEventListener('abort', takenBack.open)
        return new Promise(() => undefined)
      },
    })
    expect(await pair.call('it')).toMatchObject({ isError: true })
    await takenBack.opened
  })

  test('a client that goes away settles the call', async () => {
    const asked = gate()
    const pair = await openPair(serverWith(sure), {
      ...LEGACY,
      answer: () => {
        asked.open()
        return new Promise(() => undefined)
      },
    })
    const call = pair.call('it')
    await asked.opened
    await pair[Symbol.asyncDispose]()
    await expect(call).rejects.toMatchObject({ code: 'closed' })
    await pair.connection.closed
    await pair.connection.idle()
    expect(pair.connection.inFlight).toBe(0)
    expect(pair.log.lines).toEqual([])
  })

  test('a handler that never stops asking is stopped after maxRounds', async () => {
    let runs = 0
    const endless: Run = (_args, call) => heard(call, `question ${++runs}`)
    await using pair = await openPair(serverWith(endless), { ...LEGACY, answer: echo, maxRounds: 3 })
    await expect(pair.call('it')).rejects.toMatchObject({
      code: INTERNAL_ERROR,
      message: 'input was still required after 3 rounds',
    })
    expect(runs).toBe(4)
  })

  test('a question is only sent while its call is being answered [MCP-242]', async () => {
    const late = gate()
    let asking: Promise<unknown> = Promise.resolve()
    const run: Run = (_args, call) => {
      asking = late.opened.then(() => heard(call, 'late'))
      return 'done'
    }
    await using pair = await openPair(serverWith(run), { ...LEGACY, answer: echo })
    expect(textOf(await pair.call('it'))).toBe('done')
    late.open()
    await expect(asking).rejects.toThrow('is not there yet')
    await pair.barrier()
    expect(pair.questions).toEqual([])
  })

  test('revisions before elicitation are never asked for it', async () => {
    for (const version of ['2024-11-05', '2025-03-26']) {
      await using pair = await openPair(serverWith(sure), { version, answer: echo })
      const result = await pair.call('it')
      expect(result.isError).toBe(true)
      expect(textOf(result)).toBe('the client has not declared the capability elicitation.form')
      expect(pair.questions).toEqual([])
    }
  })
})

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

describe('questions in the words of a handshake revision', () => {
  const page = {
    method: 'elicitation/create',
    params: { mode: 'url', message: 'm', url: 'https://example.com' },
  } as const

  test('calls that wait for answers are bounded', async () => {
    const server = serverWith((_args, call) => call.ask('a', form('sure?')))
    await using pair = await openPair(server, {
      version: '2025-11-25',
      maxAskingCalls: 2,
      answer: () => new Promise(() => undefined),
    })
    const calls = [pair.call('it'), pair.call('it'), pair.call('it')]
    // whichever of them is the third to ask
    const refused = await Promise.race(calls.map((call) => call.catch((error: unknown) => error)))
    expect(refused).toMatchObject({ code: SERVER_BUSY, message: expect.stringContaining('maxAskingCalls') })
    expect(pair.questions).toHaveLength(2)
    await pair[Symbol.asyncDispose]()
    await Promise.allSettled(calls)
  })

  test('a page gets an id of its own in 2025-11-25', async () => {
    const server = serverWith((_args, call) => Promise.all([call.ask('a', page), call.ask('b', page)]).then(() => 'ok'))
    await using pair = await openPair(server, { version: '2025-11-25', answer: () => ({ action: 'accept' }) })
    expect(textOf(await pair.call('it'))).toBe('ok')
    const ids = pair.questions.map(({ params }) => params?.elicitationId)
    expect(ids.every((id) => typeof id === 'string')).toBe(true)
    expect(new Set(ids).size).toBe(2)
  })

  test('what 2025-06-18 has no words for is a failure that says so', async () => {
    await using pair = await openPair(
      serverWith((_args, call) => call.ask('a', page)),
      { version: '2025-06-18' },
    )
    expect(await pair.call('it')).toMatchObject({ isError: true })
    expect(pair.questions).toEqual([])
  })
})
