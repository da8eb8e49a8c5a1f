import { describe, expect, spyOn, test } from 'bun:test'
import { ConnectionError, RpcError, type Stray } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import type { Progress } from './progress.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, type Incoming, ofEra, type Script, scripted, type Wire } from './testing/scripted-server.test.kit.ts'

const RESULT = { resultType: 'complete', content: [{ type: 'text', text: 'hi' }], structuredContent: { text: 'hi' } }

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function progressOf(call: Incoming, progress: number, more: object = {}): object {
  const meta = call.params?._meta
  const progressToken =
    typeof meta === 'object' && meta !== null && 'progressToken' in meta ? meta.progressToken : undefined
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, ...more } }
}

describe('progress', () => {
  test.each([...ERAS])('is told in order and before the answer, even in one chunk (%s)', async (era) => {
    const server = scripted(
      ofEra(era, (call, wire) => {
        wire.send(progressOf(call, 1, { total: 2, message: 'half' }))
        wire.send(progressOf(call, 2))
        wire.answer(call, RESULT)
      }),
    )
    await using client = await connect(server)
    const heard: (Progress | string)[] = []
    await client
      .callTool('echo', {}, { onProgress: (progress) => heard.push(progress) })
      .then(() => heard.push('answer'))
    expect(heard).toEqual([{ progress: 1, total: 2, message: 'half' }, { progress: 2 }, 'answer'])
  })

  test.each([...ERAS])('[MCP-053] [MCP-054] restarts the timeout of a call up to a hard limit (%s)', async (era) => {
    const clock = createFakeClock()
    const server = scripted(ofEra(era))
    await using client = await connect(server, { clock })
    const call = failure(client.callTool('slow', {}, { timeoutMs: 100, maxTotalTimeoutMs: 250 }))
    const seen = await server.got('tools/call')
    for (const at of [90, 180, 240]) {
      await clock.advance(at - clock.now())
      server.wire.send(progressOf(seen, at))
      await server.wire.flushed()
    }
    await clock.advance(10)
    const error = await call
    if (!(error instanceof ConnectionError)) throw error
    expect(error.code).toBe('total_timeout')
    expect((await server.got('notifications/cancelled')).params?.requestId).toBe(seen.id)
  })

  test.each([...ERAS])('a listener that throws gives its own call up and no other (%s)', async (era) => {
    const server = scripted(
      ofEra(era, (call, wire) => {
        if (call.params?.name === 'other') return wire.answer(call, RESULT)
        if (call.method === 'tools/call') wire.send(progressOf(call, 1))
      }),
    )
    await using client = await connect(server)
    const thrown = new Error('the display is broken')
    const call = failure(
      client.callTool(
        'shown',
        {},
        {
          onProgress: () => {
            throw thrown
          },
        },
      ),
    )
    const other = client.callTool('other')
    expect(await call).toBe(thrown)
    expect((await other).structured).toEqual({ text: 'hi' })
    await server.got('notifications/cancelled')
  })

  test('leaves nothing at a signal that outlives many calls', async () => {
    const server = scripted(ofEra('modern', (call, wire) => wire.answer(call, RESULT)))
    await using client = await connect(server)
    const { signal } = new AbortController()
    const added = spyOn(signal, 'addEventListener')
    const removed = spyOn(signal, 'removeEventListener')
    for (let n = 0; n < 5; n++) await client.callTool('echo', {}, { signal, onProgress() {} })
    expect(added).toHaveBeenCalledTimes(5)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(added.mock.calls.map(([, listener]) => listener))
  })

  test.each([...ERAS])('without a number is not shown (%s)', async (era) => {
    const server = scripted(
      ofEra(era, (call, wire) => {
        wire.send(progressOf(call, Number.NaN))
        wire.answer(call, RESULT)
      }),
    )
    await using client = await connect(server)
    const heard: Progress[] = []
    await client.callTool('echo', {}, { onProgress: (progress) => heard.push(progress) })
    expect(heard).toEqual([])
  })
})

describe('giving a call up', () => {
  test.each([...ERAS])(
    '[MCP-034] [MCP-057] tells the server and rejects with the reason of the signal (%s)',
    async (era) => {
      const server = scripted(ofEra(era))
      await using client = await connect(server)
      const giving = new AbortController()
      const call = failure(client.callTool('slow', {}, { signal: giving.signal }))
      const { id } = await server.got('tools/call')
      const reason = new Error('the user went away')
      giving.abort(reason)
      expect(await call).toBe(reason)
      const notice = await server.got('notifications/cancelled')
      expect(notice.params).toEqual({ requestId: id, reason: 'the user went away' })
      expect(notice.id).toBeUndefined()
    },
  )

  test.each([...ERAS])('[MCP-053] after timeoutMs tells the server (%s)', async (era) => {
    const clock = createFakeClock()
    const server = scripted(ofEra(era))
    await using client = await connect(server, { clock, timeoutMs: 500 })
    const call = failure(client.callTool('slow'))
    await server.got('tools/call')
    await clock.advance(500)
    const error = await call
    if (!(error instanceof ConnectionError)) throw error
    expect(error).toMatchObject({ code: 'timeout', method: 'tools/call' })
    await server.got('notifications/cancelled')
  })

  test.each([...ERAS])('[MCP-059] ignores an answer that comes too late (%s)', async (era) => {
    const strays: Stray[] = []
    const server = scripted(ofEra(era))
    await using client = await connect(server, { onStray: (stray) => strays.push(stray) })
    const giving = new AbortController()
    const call = failure(client.callTool('slow', {}, { signal: giving.signal }))
    const seen = await server.got('tools/call')
    giving.abort()
    await call
    server.wire.answer(seen, RESULT)
    await server.wire.flushed()
    expect(strays.map(({ kind }) => kind)).toEqual(['unknown_id'])
  })

  test.each([...ERAS])('sends nothing when the signal was aborted before (%s)', async (era) => {
    const server = scripted(ofEra(era))
    await using client = await connect(server)
    const before = server.received.length
    const reason = new Error('too late')
    expect(await failure(client.callTool('echo', {}, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(server.received.length).toBe(before)
  })
})

describe('every call settles', () => {
  const settling: [string, (call: Incoming, wire: Wire) => void, (error: unknown) => void][] = [
    [
      'when an invalid request is answered by an error with its id',
      (call, wire) => wire.fail(call, -32600, 'Invalid Request'),
      (error) => expect(error).toMatchObject({ name: 'RpcError', code: -32600 }),
    ],
    [
      'when an error has the id null and only one call waits',
      (_, wire) => wire.send({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } }),
      (error) => expect(error).toMatchObject({ name: 'RpcError', code: -32700 }),
    ],
    [
      'when the code of an error is fractional',
      (call, wire) => wire.fail(call, -32000.5, 'odd'),
      (error) => expect(error).toMatchObject({ name: 'RpcError', code: -32000.5 }),
    ],
    [
      'when the answer has neither result nor error that can be read',
      ({ id }, wire) => wire.send({ jsonrpc: '2.0', id, result: null, error: 'bad' }),
      (error) => expect(error).toMatchObject({ name: 'ConnectionError', code: 'unanswerable' }),
    ],
    [
      'when the server ends instead of answering',
      (_, wire) => wire.end({ exitCode: 139, signal: 'SIGSEGV', stderrTail: ['boom'] }),
      (error) =>
        expect(error).toMatchObject({
          code: 'closed',
          reason: { exitCode: 139, signal: 'SIGSEGV', stderrTail: ['boom'] },
        }),
    ],
  ]
  for (const era of ERAS) {
    test.each(settling)(`%s (${era})`, async (_, answer, check) => {
      const server = scripted(ofEra(era, answer))
      await using client = await connect(server)
      check(await failure(client.callTool('echo')))
    })

    test(`when the envelope of the answer has an unknown member (${era})`, async () => {
      const server = scripted(ofEra(era, ({ id }, wire) => wire.send({ jsonrpc: '2.0', id, result: RESULT, trace: 1 })))
      await using client = await connect(server)
      expect((await client.callTool('echo')).structured).toEqual({ text: 'hi' })
    })

    test(`when a log fragment is glued before the answer (${era})`, async () => {
      const strays: Stray[] = []
      const server = scripted(
        ofEra(era, ({ id }, wire) => wire.write(`listening... ${line({ jsonrpc: '2.0', id, result: RESULT })}`)),
      )
      await using client = await connect(server, { onStray: (stray) => strays.push(stray) })
      expect((await client.callTool('echo')).structured).toEqual({ text: 'hi' })
      expect(strays.map(({ kind }) => kind)).toEqual(['unreadable'])
    })

    test(`by its deadline when the answer has a wrong id, which is reported (${era})`, async () => {
      const clock = createFakeClock()
      const strays: Stray[] = []
      const server = scripted(
        ofEra(era, (call, wire) => {
          if (call.method === 'tools/call') wire.send({ jsonrpc: '2.0', id: 'other', result: RESULT })
        }),
      )
      await using client = await connect(server, { clock, onStray: (stray) => strays.push(stray) })
      const call = failure(client.callTool('echo', {}, { timeoutMs: 50 }))
      await server.got('tools/call')
      await server.wire.flushed()
      await clock.advance(50)
      expect(await call).toMatchObject({ code: 'timeout' })
      expect(strays).toMatchObject([{ kind: 'unknown_id' }])
    })

    test(`at once after the connection has ended (${era})`, async () => {
      const server = scripted(ofEra(era))
      await using client = await connect(server)
      server.wire.end({ exitCode: 0 })
      expect(await client.closed).toMatchObject({ kind: 'remote', exitCode: 0 })
      expect(await failure(client.callTool('echo'))).toMatchObject({ code: 'closed' })
    })

    test(`when the client closes (${era})`, async () => {
      const server = scripted(ofEra(era))
      const client = await connect(server)
      const call = failure(client.callTool('echo'))
      await server.got('tools/call')
      await client.close()
      expect(await call).toMatchObject({ code: 'closed' })
      expect(await client.closed).toMatchObject({ kind: 'local' })
    })
  }

  test.each([...ERAS])('with several calls waiting, an error without id rejects none of them (%s)', async (era) => {
    const strays: Stray[] = []
    const script: Script = (call, wire) => {
      if (call.params?.name !== 'last') return
      wire.send({ jsonrpc: '2.0', error: { code: -32700, message: 'Parse error' } })
      for (const one of server.received) if (one.method === 'tools/call') wire.answer(one, RESULT)
    }
    const server = scripted(ofEra(era, script))
    await using client = await connect(server, { onStray: (stray) => strays.push(stray) })
    await Promise.all([client.callTool('first'), client.callTool('last')])
    expect(strays).toMatchObject([{ kind: 'unknown_id' }])
  })
})

describe('ids', () => {
  test.each([...ERAS])('[MCP-002] [MCP-003] [MCP-004] are integers and never used twice (%s)', async (era) => {
    const server = scripted(ofEra(era, (call, wire) => wire.answer(call, RESULT)))
    await using client = await connect(server)
    await Promise.all([client.callTool('a'), client.callTool('b')])
    await client.callTool('c')
    const ids = server.received.flatMap(({ id }) => (id === undefined ? [] : [id]))
    expect(ids.every(Number.isSafeInteger)).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test.each([...ERAS])('what the server answered as an error is that error (%s)', async (era) => {
  const server = scripted(ofEra(era, (call, wire) => wire.fail(call, -32602, 'Unknown tool: echo', { name: 'echo' })))
  await using client = await connect(server)
  const error = await failure(client.callTool('echo'))
  if (!(error instanceof RpcError)) throw error
  expect(error).toMatchObject({ code: -32602, message: 'Unknown tool: echo', data: { name: 'echo' } })
})

test.each([...ERAS])('params that are no JSON reject and send nothing (%s)', async (era) => {
  const server = scripted(ofEra(era, (call, wire) => wire.answer(call, RESULT)))
  await using client = await connect(server)
  expect(await failure(client.callTool('echo', { big: 1n }))).toMatchObject({ code: 'unserialisable' })
  expect(server.methods).not.toContain('tools/call')
  await client.callTool('echo', { big: 1 })
})
