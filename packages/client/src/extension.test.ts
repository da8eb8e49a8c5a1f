import { describe, expect, test } from 'bun:test'
import { ConnectionError, isJsonObject, META } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import { type ClientExtension, createExtensions } from './extension.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, type Incoming, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const ID = 'com.example/slips'

/** Calls may be answered with a slip, which is handed in for the result. */
function slips(more: Partial<ClientExtension> = {}): ClientExtension {
  return {
    id: ID,
    settings: { colour: 'blue' },
    resultTypes: new Map([['slip', new Set(['tools/call'])]]),
    settle: (result, { conversation, signal }) =>
      conversation.request('slips/redeem', { slip: result.slip }, { signal }),
    ...more,
  }
}

/** Answers calls with a slip. */
function slipServer() {
  return scripted(
    ofEra('modern', (message, wire) => {
      if (message.method === 'slips/redeem')
        return wire.answer(message, { content: [{ type: 'text', text: 'redeemed' }] })
      if (message.id !== undefined) wire.answer(message, { resultType: 'slip', slip: 7 })
    }),
  )
}

function capabilitiesOf({ params }: Incoming): unknown {
  const meta = params?._meta
  return params?.capabilities ?? (isJsonObject(meta) ? meta[META.clientCapabilities] : undefined)
}

describe('what is declared', () => {
  test('comes with every request, beside what handlers declare [MCP-233]', async () => {
    const server = slipServer()
    await using client = await connect(server, { extensions: [slips()], on: { roots: [] } })
    await client.callTool('it')
    const declared = { roots: {}, extensions: { [ID]: { colour: 'blue' } } }
    expect(server.received.map(capabilitiesOf)).toEqual([declared, declared, declared])
  })

  test('comes with the handshake, unless the extension cannot be spoken there', async () => {
    for (const [servedIn, expected] of [
      [undefined, { extensions: { [ID]: { colour: 'blue' } } }],
      [() => false, {}],
    ] as const) {
      const server = scripted(ofEra('legacy'))
      await using _ = await connect(server, { extensions: [slips(servedIn && { servedIn })], pin: 'legacy' })
      expect(capabilitiesOf(await server.got('initialize'))).toEqual(expected)
    }
  })
})

describe('a result of a kind that an extension adds', () => {
  test('is settled by it', async () => {
    await using client = await connect(slipServer(), { extensions: [slips()] })
    expect((await client.callTool('it')).content).toEqual([{ type: 'text', text: 'redeemed' }])
  })

  test('is settled by it after questions as well', async () => {
    const server = scripted(
      ofEra('modern', (message, wire) => {
        if (message.method === 'slips/redeem') return wire.answer(message, { content: [] })
        if (message.params?.inputResponses !== undefined) return wire.answer(message, { resultType: 'slip', slip: 7 })
        wire.answer(message, { resultType: 'input_required', inputRequests: { q: { method: 'roots/list' } } })
      }),
    )
    await using client = await connect(server, { extensions: [slips()], on: { roots: [] } })
    expect((await client.callTool('it')).content).toEqual([])
  })

  test('is invalid where nobody declared it, or only for other methods [MCP-013]', async () => {
    await using plain = await connect(slipServer())
    expect(await failure(plain.callTool('it'))).toMatchObject({ code: 'invalid_result', method: 'tools/call' })
    await using client = await connect(slipServer(), { extensions: [slips()] })
    const misplaced = await failure(client.getPrompt('it'))
    expect(misplaced).toMatchObject({ code: 'invalid_result', method: 'prompts/get' })
    expect(String(misplaced)).toContain(`${ID} has no result of the type slip`)
    await using other = await connect(slipServer(), { extensions: [slips({ servedIn: () => false })] })
    expect(await failure(other.callTool('it'))).toMatchObject({ code: 'invalid_result' })
  })

  test('is part of its call: its signal, its time limit and the end of the connection reach whoever settles it', async () => {
    const clock = createFakeClock()
    const reasons: unknown[] = []
    const settle: ClientExtension['settle'] = (_result, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason)
          reject(signal.reason)
        })
      })
    const server = slipServer()
    await using client = await connect(server, { extensions: [slips({ settle })], clock })
    const controller = new AbortController()
    const given = failure(client.callTool('it', {}, { signal: controller.signal }))
    await server.got('tools/call')
    await clock.advance(0)
    controller.abort(new RangeError('enough'))
    expect(await given).toEqual(new RangeError('enough'))

    const late = failure(client.callTool('it', {}, { maxTotalTimeoutMs: 50 }))
    await server.got('tools/call', 2)
    await clock.advance(50)
    expect(await late).toMatchObject({ code: 'total_timeout' })

    const cut = failure(client.callTool('it'))
    await server.got('tools/call', 3)
    await clock.advance(0)
    server.wire.end()
    expect(await cut).toBeInstanceOf(ConnectionError)
    expect(reasons).toHaveLength(3)
    expect(clock.timers).toBe(0)
  })
})

test.each([...ERAS])('an extension hears notices and is told of its connection (%s)', async (era) => {
  const heard: string[] = []
  const attached: unknown[] = []
  const extension: ClientExtension = {
    id: ID,
    settings: {},
    hear: ({ method }) => heard.push(method),
    attach: (client, conversation) => attached.push(client, conversation.maxInputRounds),
  }
  const server = scripted(ofEra(era))
  await using client = await connect(server, { extensions: [extension], maxInputRounds: 3 })
  server.wire.send({ jsonrpc: '2.0', method: 'notifications/slips' })
  await server.wire.flushed()
  expect(heard).toEqual(['notifications/slips'])
  expect(attached).toEqual([client, 3])
})

test('an extension that fails on its connection fails the connecting, and the server is let go of', async () => {
  const server = scripted(ofEra('modern'))
  const attach = (): never => {
    throw new RangeError('not with me')
  }
  expect(await failure(connect(server, { extensions: [slips({ attach })] }))).toEqual(new RangeError('not with me'))
  expect(server.closes).toBe(1)
})

test('what cannot be served is refused at once, and names the extension', () => {
  expect(() => createExtensions([slips({ id: 'slips' })])).toThrow('"slips"')
  expect(() => createExtensions([slips(), slips()])).toThrow('given twice')
  expect(() => createExtensions([slips(), slips({ id: 'com.example/others' })])).toThrow(`both ${ID} and`)
  expect(() => createExtensions([slips({ resultTypes: new Map([['complete', new Set()]]) })])).toThrow('core protocol')
  const { settle: _, ...unsettled } = slips()
  expect(() => createExtensions([unsettled])).toThrow('without settle')
  expect(createExtensions([])).toBeUndefined()
})
