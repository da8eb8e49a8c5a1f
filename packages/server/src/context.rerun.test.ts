import { describe, expect, test } from 'bun:test'
import { LOG_MESSAGE, MISSING_CLIENT_CAPABILITY, PROGRESS } from '@bao-mcp/protocol/engine'
import { echo, form, heard, longerThanARound, type Run, serverWith } from '../test/ask-kit.ts'
import { eachEra, gate, textOf } from '../test/kit.ts'
import type { CallContext } from './context.ts'
import { inputRequired } from './registry/input-required.ts'

eachEra((era, open) => {
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
