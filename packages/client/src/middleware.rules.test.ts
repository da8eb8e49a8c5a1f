import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import { type ClientMiddleware, forMethod } from './middleware.ts'
import { failure } from './testing/failure.test.kit.ts'
import { ERAS, ofEra, scripted } from './testing/scripted-server.test.kit.ts'

test.each([...ERAS])(
  'an application sees each call with its arguments before it is sent, may deny it, and keeps a record [MCP-213] (%s)',
  async (era) => {
    const record: unknown[] = []
    const guard: ClientMiddleware = forMethod('tools/call', async (request, next) => {
      const { name, arguments: args } = request.params
      if (name === 'delete') {
        record.push(['denied', name, args])
        throw new Error('the user said no')
      }
      const result = await next(request)
      record.push(['done', name, args])
      return result
    })
    const server = scripted(
      ofEra(era, (message, wire) => {
        if (message.params?.name === 'read') wire.answer(message, { content: [] })
      }),
    )
    const clock = createFakeClock()
    await using client = await connect(server, { middleware: [guard], clock })
    expect(await failure(client.callTool('delete', { path: '/' }))).toEqual(new Error('the user said no'))
    await client.callTool('read', { path: '/a' })
    const slow = failure(client.callTool('slow', undefined, { timeoutMs: 1_000 }))
    await server.got('tools/call', 2)
    await clock.advance(1_000)
    expect(await slow).toMatchObject({ code: 'timeout' })
    expect(record).toEqual([
      ['denied', 'delete', { path: '/' }],
      ['done', 'read', { path: '/a' }],
    ])
    const sent = server.received.filter(({ method }) => method === 'tools/call')
    expect(sent.map(({ params }) => params?.name)).toEqual(['read', 'slow'])
  },
)

test.each([...ERAS])(
  'what a server calls itself changes neither what it may do nor how it is spoken to [MCP-097] (%s)',
  async (era) => {
    const conversations = ['filesystem', 'official-sdk', ''].map(async (name) => {
      const serverInfo = { name, version: '0' }
      const greeting = { serverInfo, _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } }
      const server = scripted(ofEra(era, (message, wire) => wire.answer(message, { content: [], tools: [] }), greeting))
      await using client = await connect(server)
      await client.callTool('it', { a: 1 })
      return [client.server?.name, JSON.stringify(server.received)]
    })
    const [first, ...others] = await Promise.all(conversations)
    expect(first?.[0]).toBe('filesystem')
    for (const [name, said] of others) {
      expect(name).not.toBe('filesystem')
      expect(said).toBe(first?.[1])
    }
  },
)
