import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConnectionError, RpcError } from '@bao-mcp/client'
import { connectScripted, failureOf } from './scripted.ts'

setDefaultTimeout(15_000)

describe('our client settles every call, whatever the server does', () => {
  describe.each(['modern', 'legacy'] as const)('in the %s era', (era) => {
    test('hang 2: an answer with an unknown member is an answer', async () => {
      await using server = await connectScripted(era)
      expect(await server.call('extra_member')).toBe('good')
    })

    test.each(['error_null_id', 'error_without_id'])(
      'hang 3: %s rejects the only call that waits',
      async (misconduct) => {
        await using server = await connectScripted(era)
        expect(await failureOf(server.call(misconduct))).toMatchObject({ name: 'RpcError', code: -32000 })
        expect(await server.call('extra_member')).toBe('good')
      },
    )

    test('hang 3: an error with the id null rejects none of two calls, and is reported', async () => {
      await using server = await connectScripted(era)
      const first = failureOf(server.client.callTool('error_null_id', {}, { timeoutMs: 200 }))
      expect(await server.call('extra_member')).toBe('good')
      expect(await first).toMatchObject({ code: 'timeout' })
      expect(server.strays).toMatchObject([{ kind: 'unknown_id' }])
    })

    test.each(['error_fractional', 'error_code_string', 'error_message_null', 'error_string'])(
      'hang 4: %s rejects the call [MCP-006]',
      async (misconduct) => {
        await using server = await connectScripted(era)
        const failure = await failureOf(server.call(misconduct))
        expect(failure instanceof RpcError || failure instanceof ConnectionError).toBeTrue()
        expect(await server.call('extra_member')).toBe('good')
      },
    )

    test.each(['glued', 'glued_braces'])(
      'hang 5: a log fragment before an answer (%s) does not hide it',
      async (misconduct) => {
        await using server = await connectScripted(era)
        expect(await server.call(misconduct)).toBe('good')
        expect(server.strays).toMatchObject([{ kind: 'unreadable' }])
      },
    )

    test.each(['wrong_id', 'string_id'])(
      'hang 8: an answer with another id (%s) is reported, and the deadline decides',
      async (misconduct) => {
        await using server = await connectScripted(era)
        const failure = await failureOf(server.client.callTool(misconduct, {}, { timeoutMs: 200 }))
        expect(failure).toMatchObject({ code: 'timeout' })
        expect(server.strays).toMatchObject([{ kind: 'unknown_id' }])
        expect(await server.call('extra_member')).toBe('good')
      },
    )

    test('hang 9: params that cannot be written as JSON reject the call', async () => {
      await using server = await connectScripted(era)
      const failure = await failureOf(server.client.callTool('echo', { text: 1n }))
      expect(failure).toMatchObject({ code: 'unserialisable' })
      expect(await server.call('extra_member')).toBe('good')
    })

    test('hang 12: a server that dies while a grandchild holds its pipe ends the call, and the grandchild ends', async () => {
      using witness = listen()
      await using server = await connectScripted(era)
      await server.client.callTool('have_a_child', { text: witness.path })
      await witness.connected
      const failure = await failureOf(server.call('die'))
      expect(failure).toMatchObject({ code: 'closed', reason: { exitCode: 3 } })
      await witness.gone
    })

    test('hang 13: four megabytes on stderr before the answer do not block it', async () => {
      await using server = await connectScripted(era)
      expect(await server.call('stderr_flood')).toBe('good')
    })
  })

  test('hang 1: an invalid request with an id is answered, so that the server does not wait', async () => {
    await using server = await connectScripted('legacy')
    expect(JSON.parse((await server.call('invalid_request')) ?? '')).toMatchObject({ id: 'q', error: { code: -32600 } })
  })
})

/** A socket whose one connection tells when the process at its other end came and went. */
function listen(): Disposable & { path: string; connected: Promise<void>; gone: Promise<void> } {
  const path = join(tmpdir(), `bao-${randomUUID()}.sock`)
  const connected = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const listener = Bun.listen({
    unix: path,
    socket: { open: () => connected.resolve(), close: () => gone.resolve(), data: () => undefined },
  })
  return { path, connected: connected.promise, gone: gone.promise, [Symbol.dispose]: () => listener.stop(true) }
}
