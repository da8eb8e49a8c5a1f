import { describe, expect, test } from 'bun:test'
import type { JsonObject, Stray } from '@bao-mcp/protocol/engine'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { AuthError } from '../auth/auth-error.ts'
import { type ConnectOptions, connect } from '../connect.ts'
import { failOn } from '../testing/fail-on.test.kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type Incoming, ofEra, type Script, scripted, type Wire } from '../testing/scripted-server.test.kit.ts'

const CHANGING = { capabilities: { tools: { listChanged: true } } }

function tagged(listen: Incoming, params: JsonObject = {}): JsonObject {
  return { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': listen.id } }
}

function acknowledge(wire: Wire, listen: Incoming, notifications: JsonObject): void {
  const method = 'notifications/subscriptions/acknowledged'
  wire.send({ jsonrpc: '2.0', method, params: tagged(listen, { notifications }) })
}

function honouring(then: Script = () => {}): Script {
  return (message, wire) => {
    if (message.method === 'subscriptions/listen') acknowledge(wire, message, { toolsListChanged: true })
    then(message, wire)
  }
}

function listener(): { options: ConnectOptions; strays: Stray[]; changes: () => number; notices: string[] } {
  const strays: Stray[] = []
  const notices: string[] = []
  let changes = 0
  return {
    strays,
    notices,
    changes: () => changes,
    options: {
      onStray: (stray) => strays.push(stray),
      onNotice: ({ method }) => notices.push(method),
      onToolsChanged: () => changes++,
    },
  }
}

describe('changes of the tool list in the modern era', () => {
  test('bring about no login after login: one that is denied ends the asking until somebody asks again', async () => {
    const clock = createFakeClock()
    const server = scripted(ofEra('modern', honouring(), CHANGING))
    let asked = 0
    let error = new AuthError('unreachable', 'nobody there')
    failOn(server, 'subscriptions/listen', () => {
      asked++
      return error
    })
    const { options, strays } = listener()
    await using client = await connect(server, { ...options, clock })
    await settle()
    expect(asked).toBe(1)
    error = new AuthError('denied', 'no')
    await clock.advance(600_000)
    expect(asked).toBe(2)
    expect(strays.at(-1)).toMatchObject({ message: expect.stringContaining('no') })
    await failure(client.listen({ tools: true, prompts: true }, () => {}))
    expect(asked).toBeGreaterThan(2)
  })

  test('[MCP-037] are subscribed to and heard by their subscription', async () => {
    const server = scripted(ofEra('modern', honouring(), CHANGING))
    const { options, strays, changes, notices } = listener()
    await using _ = await connect(server, options)
    const listen = await server.got('subscriptions/listen')
    expect(listen.params).toMatchObject({ notifications: { toolsListChanged: true } })
    const method = 'notifications/tools/list_changed'
    server.wire.send({ jsonrpc: '2.0', method, params: tagged(listen) })
    server.wire.send({ jsonrpc: '2.0', method, params: tagged({ id: 'another' }) })
    await server.wire.flushed()
    expect(changes()).toBe(1)
    expect(notices).toEqual([method])
    expect(strays).toMatchObject([{ kind: 'late_notice' }])
  })

  test('are not asked for where the server has none, or nobody wants to hear', async () => {
    const quiet = scripted(ofEra('modern'))
    await using first = await connect(quiet, { onToolsChanged: () => {} })
    await first.ping()
    const unheard = scripted(ofEra('modern', honouring(), CHANGING))
    await using second = await connect(unheard)
    await second.ping()
    expect([...quiet.methods, ...unheard.methods]).not.toContain('subscriptions/listen')
  })

  test('never time out', async () => {
    const clock = createFakeClock()
    const server = scripted(ofEra('modern', honouring(), CHANGING))
    const { options, changes } = listener()
    await using _ = await connect(server, { ...options, clock })
    const listen = await server.got('subscriptions/listen')
    await clock.advance(86_400_000)
    server.wire.send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: tagged(listen) })
    await server.wire.flushed()
    expect(changes()).toBe(1)
  })

  test('[MCP-034] are cancelled when the client closes', async () => {
    const server = scripted(ofEra('modern', honouring(), CHANGING))
    const { options, strays } = listener()
    const client = await connect(server, options)
    const { id } = await server.got('subscriptions/listen')
    await server.wire.flushed()
    await client.close()
    expect((await server.got('notifications/cancelled')).params).toMatchObject({ requestId: id })
    expect(strays).toEqual([])
  })

  test.each<[string, Script, string]>([
    [
      'that the server does not honour are reported',
      (listen, wire) => acknowledge(wire, listen, {}),
      'does not honour',
    ],
    [
      'that the server refuses are reported',
      (listen, wire) => wire.fail(listen, -32601, 'Method not found'),
      'Method not found',
    ],
    [
      'that the server ends are reported once, whether it answers, cancels or both',
      (listen, wire) => {
        acknowledge(wire, listen, { toolsListChanged: true })
        wire.answer(listen, tagged(listen, { resultType: 'complete' }))
        wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: listen.id } })
      },
      'ended it',
    ],
    [
      'that the server only cancels are reported',
      (listen, wire) => {
        acknowledge(wire, listen, { toolsListChanged: true })
        wire.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: listen.id } })
      },
      'ended it',
    ],
  ])('%s and end nothing else', async (_, answer, expected) => {
    const script: Script = (message, wire) => {
      if (message.method === 'subscriptions/listen') answer(message, wire)
    }
    const server = scripted(ofEra('modern', script, CHANGING))
    const { options, strays, notices } = listener()
    await using client = await connect(server, options)
    await server.got('subscriptions/listen')
    await server.wire.flushed()
    await client.ping()
    expect(strays).toEqual([{ kind: 'invalid', message: expect.stringContaining(expected) }])
    expect(notices).toEqual([])
  })
})
