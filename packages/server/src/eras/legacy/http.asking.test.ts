import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { form } from '../../../test/ask-kit.ts'
import {
  bodyOf,
  type Events,
  errorOf,
  events,
  type LegacySession,
  legacySession,
  resultOf,
} from '../../../test/http-kit.ts'
import { gate, textOf } from '../../../test/kit.ts'
import { AUTH, answerTo, callIn, type NodesOptions, nodes, TOLD } from '../../../test/nodes-kit.ts'
import type { Middleware } from '../../middleware.ts'
import { type Tool, tool } from '../../registry/tool.ts'

const asking = (): Tool[] => [
  tool({
    name: 'one',
    async run(_args, { ask }) {
      const { action, content } = await ask('q', form('one?'))
      return `${action} ${content?.said}`
    },
  }),
  tool({
    name: 'several',
    async run(_args, { ask }) {
      const both = await Promise.all([ask('a', form('first?')), ask('b', form('second?'))])
      const last = await ask('c', form('last?'))
      return [...both, last].map(({ content }) => content?.said).join(' ')
    },
  }),
]

const ELICITS = { capabilities: { elicitation: {} } }
const said = (words: string): JsonObject => ({ action: 'accept', content: { said: words } })

interface Asked extends AsyncDisposable {
  readonly net: ReturnType<typeof nodes>
  readonly session: LegacySession
  readonly stream: Events
  readonly question: JsonObject
  readonly start: string
}

/** A call at node a that has asked. */
async function asked(name = 'one', options: NodesOptions = {}): Promise<Asked> {
  const net = nodes(asking, options)
  const session = await legacySession(net.a.handle, ELICITS)
  const stream = events(await net.a.handle(callIn(session, name, { id: 'call' })))
  const start = (await stream.next())?.id ?? ''
  return {
    net,
    session,
    stream,
    question: await stream.message(),
    start,
    [Symbol.asyncDispose]: () => net[Symbol.asyncDispose](),
  }
}

const finalText = async (stream: Events): Promise<string> => textOf(resultOf((await stream.messages()).at(-1) ?? {}))

describe('a question', () => {
  for (const at of ['a', 'b'] as const) {
    test(`comes on the stream of its call and is answered over ${at === 'a' ? 'the same' : 'another'} node [MCP-069]`, async () => {
      await using one = await asked()
      expect(one.question).toMatchObject({ method: 'elicitation/create', params: { message: 'one?' } })
      const response = await one.net[at].handle(one.session.post(answerTo(one.question, said('yes'))))
      expect(response.status).toBe(202)
      expect(await finalText(one.stream)).toBe('accept yes')
    })

    test(`of several at once, and then another, is answered in any order over ${at}`, async () => {
      await using one = await asked('several')
      const second = await one.stream.message()
      expect([one.question.id, second.id]).toEqual([...new Set([one.question.id, second.id])])
      await one.net[at].handle(one.session.post(answerTo(second, said('2'))))
      await one.net.a.handle(one.session.post(answerTo(one.question, said('1'))))
      const last = await one.stream.message()
      expect(last).toMatchObject({ params: { message: 'last?' } })
      await one.net[at].handle(one.session.post(answerTo(last, said('3'))))
      expect(await finalText(one.stream)).toBe('1 2 3')
    })

    test(`is found again and answered by a client that was away, over ${at}`, async () => {
      await using one = await asked()
      await one.stream.cancel()
      const again = events(await one.net[at].handle(one.session.get({ 'last-event-id': one.start })))
      expect(await again.message()).toEqual(one.question)
      await one.net[at].handle(one.session.post(answerTo(one.question, said('back'))))
      expect(await finalText(again)).toBe('accept back')
    })

    test(`that is answered twice or too late is taken with 202 and harms nothing, over ${at}`, async () => {
      await using one = await asked()
      const answer = answerTo(one.question, said('once'))
      for (let i = 0; i < 2; i++) await one.net[at].handle(one.session.post(answer))
      expect(await finalText(one.stream)).toBe('accept once')
      expect((await one.net[at].handle(one.session.post(answer))).status).toBe(202)
    })

    test(`is refused with an error over ${at}: the call learns of it`, async () => {
      await using one = await asked()
      const refusal = { jsonrpc: '2.0', id: one.question.id, error: { code: -1, message: 'not now' } }
      await one.net[at].handle(one.session.post(refusal))
      const answer = resultOf((await one.stream.messages()).at(-1) ?? {})
      expect(answer).toMatchObject({ isError: true })
      expect(textOf(answer)).toContain('not now')
    })
  }

  test('has an id that no other question of its session has, however long ago and wherever it was asked [MCP-003]', async () => {
    await using one = await asked()
    const ids = [one.question.id]
    await one.net.a.handle(one.session.post(answerTo(one.question, said('1'))))
    await one.stream.messages()
    for (const { handle } of [one.net.a, one.net.b, one.net.a]) {
      // so long that nothing is kept of the conversation
      one.net.clock.advance(20 * 60_000)
      const stream = events(await handle(callIn(one.session, 'one')))
      const question = await stream.message()
      ids.push(question.id)
      await handle(one.session.post(answerTo(question, said('again'))))
      expect(await finalText(stream)).toBe('accept again')
    }
    expect(new Set(ids).size).toBe(4)
  })

  test('is not answered by another session', async () => {
    await using one = await asked()
    const other = await legacySession(one.net.a.handle, ELICITS)
    for (const { handle } of [one.net.a, one.net.b]) {
      await handle(other.post(answerTo(one.question, said('forged'))))
    }
    await one.net.b.handle(one.session.post(answerTo(one.question, said('mine'))))
    expect(await finalText(one.stream)).toBe('accept mine')
  })

  test('is not answered by another principal [MCP-250]', async () => {
    await using net = nodes(asking, { auth: AUTH })
    const session = await legacySession(net.a.handle, { ...ELICITS, headers: { authorization: 'Bearer em' } })
    const stream = events(await net.a.handle(callIn(session, 'one')))
    const question = await stream.message()
    const headers = { authorization: 'Bearer uoy' }
    const forged = await net.b.handle(session.post(answerTo(question, said('forged')), { headers }))
    expect(forged.status).toBe(404)
    await net.b.handle(session.post(answerTo(question, said('mine'))))
    expect(await finalText(stream)).toBe('accept mine')
  })

  test('that nobody answers is given up after askTimeoutMs, and the client told so', async () => {
    await using one = await asked('one', { askTimeoutMs: 20_000 })
    one.net.clock.advance(20_000)
    const [cancel, answer] = await one.stream.messages()
    expect(cancel).toMatchObject({ method: 'notifications/cancelled', params: { requestId: one.question.id } })
    expect(resultOf(answer ?? {})).toMatchObject({ isError: true })
    expect(textOf(resultOf(answer ?? {}))).toContain('elicitation/create')
  })

  test('is taken back when its call is cancelled over another node', async () => {
    await using one = await asked()
    await one.net.b.handle(one.session.notify('notifications/cancelled', { requestId: 'call' }))
    await one.stream.messages()
    expect(one.net.a.handle.inFlight).toBe(0)
    expect((await one.net.b.handle(one.session.post(answerTo(one.question, said('late'))))).status).toBe(202)
  })

  test('of a node that is dead is a 400 that says so', async () => {
    await using one = await asked()
    one.net.hub.bury(String(one.question.id).split(':')[0] ?? '')
    const response = await one.net.b.handle(one.session.post(answerTo(one.question, said('too late'))))
    expect(response.status).toBe(400)
    expect(errorOf(await bodyOf(response)).message).toContain('ownerLostMs')
  })

  test('cannot be asked of a client that takes a single JSON answer, which is told at once by name', async () => {
    await using net = nodes(asking)
    const session = await legacySession(net.a.handle, ELICITS)
    const params = { name: 'one', arguments: {} }
    const response = await net.a.handle(
      session.request('tools/call', params, { headers: { accept: 'application/json' } }),
    )
    const result = resultOf(await bodyOf(response))
    expect(result).toMatchObject({ isError: true })
    expect(textOf(result)).toContain('elicitation/create')
    expect(textOf(result)).toContain('single JSON answer')
  })

  for (const canComeBack of [true, false]) {
    test(`${canComeBack ? 'waits for' : 'cannot be asked of'} a client that is gone and ${canComeBack ? 'can' : 'cannot'} come back`, async () => {
      const leave = gate()
      const late = tool({
        name: 'late',
        async run(_args, { ask, progress }) {
          progress(1)
          await leave.opened
          return String((await ask('q', form('there?'))).action)
        },
      })
      const settled = Promise.withResolvers<JsonObject>()
      const watch: Middleware = async (request, next) => {
        const result = await next(request)
        if (request.method === 'tools/call') settled.resolve(result)
        return result
      }
      const limits = canComeBack ? {} : { maxReplayLength: 0 }
      await using net = nodes(() => [late], { ...limits, server: { middleware: [watch] } })
      const session = await legacySession(net.a.handle, ELICITS)
      const stream = events(await net.a.handle(callIn(session, 'late', { meta: TOLD })))
      const start = (await stream.next())?.id ?? ''
      await stream.cancel()
      leave.open()
      if (canComeBack) {
        const again = events(await net.b.handle(session.get({ 'last-event-id': start })))
        expect(await again.message()).toMatchObject({ method: 'notifications/progress' })
        const question = await again.message()
        await net.b.handle(session.post(answerTo(question, { action: 'decline' })))
        expect(await finalText(again)).toBe('decline')
      } else {
        const result = await settled.promise
        expect(result).toMatchObject({ isError: true })
        expect(textOf(result)).toContain('gone and cannot come back')
      }
    })
  }
})
