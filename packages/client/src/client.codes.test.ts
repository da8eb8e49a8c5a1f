import { expect, test } from 'bun:test'
import { AnsweredError } from '@bao-mcp/protocol/engine'
import { connect } from './connect.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

const CODES = Array.from({ length: 20 }, (_, index) => -32_000 - index).filter((code) => code !== -32_002)

test.each([...ERAS])(
  'codes that mean something else to everybody are told as they came, and change nothing [MCP-017] (%s)',
  async (era) => {
    const server = scripted(
      ofEra(era, (message, wire) => {
        if (message.method === 'tools/call') wire.fail(message, Number(message.params?.name), 'in my own sense')
        else wire.answer(message, { resultType: 'complete', tools: [] })
      }),
    )
    await using client = await connect(server)
    for (const code of CODES) {
      const error = await failure(client.callTool(String(code)))
      if (!(error instanceof AnsweredError)) throw error
      expect(error).toMatchObject({ code, message: 'in my own sense' })
    }
    expect(await client.listTools()).toEqual([])
    expect(server.methods.filter((method) => method === 'tools/call')).toHaveLength(CODES.length)
    expect([server.opens, client.era]).toEqual([1, era])
  },
)
