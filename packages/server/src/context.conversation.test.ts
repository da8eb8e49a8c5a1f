import { describe, expect, test } from 'bun:test'
import { INTERNAL_ERROR, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { echo, form, heard, type Run, serverWith } from '../test/ask-kit.ts'
import { fakeClock, gate, openPair, textOf } from '../test/kit.ts'

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

  test('a handler that never stops asking is stopped after maxRounds [MCP-239]', async () => {
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
