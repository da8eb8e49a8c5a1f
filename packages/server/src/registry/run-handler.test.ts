import { describe, expect, test } from 'bun:test'
import { HEADER_MISMATCH, RpcError, UNSUPPORTED_PROTOCOL_VERSION } from '@bao-mcp/protocol/engine'
import { serverWith } from '../../test/ask-kit.ts'
import { openPair, textOf } from '../../test/kit.ts'

function throwing(code: number, data?: unknown): ReturnType<typeof serverWith> {
  return serverWith(() => {
    throw new RpcError(code, 'my own words', data)
  })
}

describe('an error of a handler', () => {
  test.each([HEADER_MISMATCH, UNSUPPORTED_PROTOCOL_VERSION, -32_042, -32_050, -32_002])(
    'with the code %i, which has another meaning, is a failure like any other [MCP-014] [MCP-015] [MCP-016]',
    async (code) => {
      await using pair = await openPair(throwing(code))
      const result = await pair.call('it')
      expect(result.isError).toBe(true)
      expect(textOf(result)).toContain("the server's log has it")
      expect(pair.log.lines[0]?.cause).toMatchObject({ code, message: 'my own words' })
    },
  )

  test('may send people to pages in 2025-11-25, and to nothing else under that code [MCP-255]', async () => {
    const version = '2025-11-25'
    const elicitations = [{ mode: 'url', url: 'https://example.com', elicitationId: 'e', message: 'm' }]
    await using pair = await openPair(throwing(-32_042, { elicitations }), { version })
    await expect(pair.call('it')).rejects.toMatchObject({ code: -32_042, data: { elicitations } })
    await using wrong = await openPair(throwing(-32_042), { version })
    expect((await wrong.call('it')).isError).toBe(true)
  })
})
