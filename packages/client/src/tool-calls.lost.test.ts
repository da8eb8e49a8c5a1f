import { expect, test } from 'bun:test'
import { createFakeClock, settle } from '@bao-mcp/protocol/testing'
import { connect } from './connect.ts'
import { json, result, scriptedFetch, stream, URL_OF_SERVER } from './eras/legacy/scripted-http.test.kit.ts'
import { discovered } from './testing/scripted-server.test.kit.ts'
import { http } from './transports/http.ts'

test('a call whose stream broke off is sent again as a new request, under a new id [MCP-120]', async () => {
  const read = { name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
  let calls = 0
  const { fetch, heard } = scriptedFetch((one) => {
    const { method } = one.message
    if (method === 'server/discover') return json(result(one, discovered()))
    if (method === 'tools/list') return json(result(one, { resultType: 'complete', tools: [read] }))
    if (++calls === 2) return json(result(one, { resultType: 'complete', content: [] }))
    const broken = stream(one.signal)
    broken.send({ id: '7' })
    broken.end()
    return broken.response
  })
  const clock = createFakeClock()
  await using client = await connect(http(URL_OF_SERVER, { fetch }), { clock, random: () => 1 })
  await client.listTools()
  const call = client.callTool('read', { path: '/a' })
  await settle()
  await clock.advance(250)
  expect((await call).content).toEqual([])
  const sent = heard.filter(({ message }) => message.method === 'tools/call')
  const [first, second] = sent.map(({ message }) => message)
  expect(sent).toHaveLength(2)
  expect(first?.id).not.toBe(second?.id)
  expect(second?.params).toMatchObject({ name: 'read', arguments: { path: '/a' } })
  // there is nothing to resume: no GET, and no event id that came before
  expect(heard.map(({ method }) => method)).toEqual(heard.map(() => 'POST'))
  for (const { headers } of heard) expect(headers.has('last-event-id')).toBeFalse()
})
