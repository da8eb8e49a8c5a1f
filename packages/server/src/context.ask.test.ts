import { describe, expect, test } from 'bun:test'
import { type InputRequest, type JsonObject, MISSING_CLIENT_CAPABILITY, RpcError } from '@bao-mcp/protocol/engine'
import { echo, form, heard, messages, type Run, serverWith } from '../test/ask-kit.ts'
import { eachEra, gate, textOf } from '../test/kit.ts'

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
})
