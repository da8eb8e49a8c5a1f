import { expect, test } from 'bun:test'
import { isJsonObject, type JsonObject, META } from '@bao-mcp/protocol/engine'
import { connect } from '../connect.ts'
import { asking, FORM } from '../testing/asking-server.test.kit.ts'
import { ERAS, type Incoming } from '../testing/scripted-server.test.kit.ts'
import type { Transport } from './transport.ts'

/** A way of an application's own: whatever crosses it is kept as text. */
function taped(inner: Transport): { transport: Transport; sent: JsonObject[] } {
  const sent: JsonObject[] = []
  const transport: Transport = {
    name: 'pigeon',
    identity: 'pigeon',
    silenceIsEvidence: true,
    async open(options) {
      const channel = await inner.open(options)
      return {
        open: (receiver) => channel.open(receiver),
        send(messages, belongsTo) {
          sent.push(...[messages].flat().map((message) => JSON.parse(JSON.stringify(message))))
          return channel.send(messages, belongsTo)
        },
        close: () => channel.close(),
        [Symbol.asyncDispose]: () => channel.close(),
      }
    },
  }
  return { transport, sent }
}

test.each([...ERAS])(
  'a transport of somebody else carries the same messages in the same order [MCP-044] [MCP-045] (%s)',
  async (era) => {
    const server = asking(era, 'elicitation/create', FORM)
    const { transport, sent } = taped(server)
    const elicitation = () => ({ action: 'decline' }) as const
    await using client = await connect(transport, { on: { elicitation } })
    await client.callTool('register')
    expect(sent.map(({ jsonrpc }) => jsonrpc)).toEqual(sent.map(() => '2.0'))
    expect(sent.map(wordsOf)).toEqual(
      era === 'modern'
        ? ['server/discover', 'tools/call', 'tools/call']
        : ['server/discover', 'initialize', 'notifications/initialized', 'tools/call', 'an answer'],
    )
    if (era === 'legacy') return
    for (const { params } of sent) {
      const meta = isJsonObject(params) ? params._meta : undefined
      expect(meta).toMatchObject({
        [META.protocolVersion]: '2026-07-28',
        [META.clientCapabilities]: { elicitation: {} },
      })
    }
  },
)

const wordsOf = ({ method }: Incoming): string => method ?? 'an answer'
