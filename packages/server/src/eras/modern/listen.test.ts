import { expect, test } from 'bun:test'
import { META, RESOURCE_UPDATED, RESOURCES_CHANGED, SERVER_BUSY, TOOLS_CHANGED } from '@bao-mcp/protocol/engine'
import { playTranscript } from '@bao-mcp/protocol/testing'
import { microtasks, openPair, recordingLog } from '../../../test/kit.ts'
import { serveChannel } from '../../connection.ts'
import { resource } from '../../registry/resource.ts'
import { tool } from '../../registry/tool.ts'
import { createServer, type Server } from '../../server.ts'

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

function define(...uris: string[]): Server {
  const resources = uris.map((uri) => resource({ uri, name: uri, read: () => uri }))
  return createServer({ name: 's', version: '1', tools: [tool({ name: 'a', run: () => 'a' })], resources })
}

test('a subscription is told of the resources and lists it names, and of no others [MCP-167, MCP-170]', async () => {
  const server = define('x:a', 'x:b')
  await using pair = await openPair(server)
  const over = new AbortController()
  const notifications = {
    resourceSubscriptions: ['x:a', 7, 'x:a'],
    resourcesListChanged: true,
    promptsListChanged: true,
  }
  const listening = pair.request('subscriptions/listen', { notifications }, { signal: over.signal })
  const acknowledged = await pair.noticed(({ method }) => method === ACKNOWLEDGED)
  expect(acknowledged.params?.notifications).toEqual({ resourcesListChanged: true, resourceSubscriptions: ['x:a'] })
  server.resources.updated('x:b')
  server.resources.updated('x:a')
  server.resources.updated('x:a')
  server.resources.disable('x:b')
  server.tools.disable('a')
  await microtasks()
  const id = acknowledged.params?._meta
  expect(id).toHaveProperty([META.subscriptionId])
  const told = pair.notices.slice(1).map(({ method, params }) => ({ method, params }))
  expect(told).toHaveLength(2)
  expect(told).toContainEqual({ method: RESOURCE_UPDATED, params: { uri: 'x:a', _meta: id } })
  expect(told).toContainEqual({ method: RESOURCES_CHANGED, params: { _meta: id } })
  expect(told.map(({ method }) => method)).not.toContain(TOOLS_CHANGED)
  over.abort()
  await expect(listening).rejects.toThrow()
  server.resources.updated('x:a')
  await microtasks()
  expect(pair.notices).toHaveLength(3)
})

test('a server without resources honours none of what is asked about them [MCP-169]', async () => {
  await using pair = await openPair(createServer({ name: 's', version: '1' }))
  await pair.request('subscriptions/listen', {
    notifications: { resourcesListChanged: true, resourceSubscriptions: ['x:a'], promptsListChanged: true },
  })
  expect(pair.notices).toMatchObject([{ method: ACKNOWLEDGED, params: { notifications: {} } }])
})

test('a subscription to too many resources is refused by name', async () => {
  await using pair = await openPair(define(), { maxSubscribedUris: 1 })
  const refused = pair.request('subscriptions/listen', { notifications: { resourceSubscriptions: ['x:a', 'x:b'] } })
  await expect(refused).rejects.toMatchObject({
    code: SERVER_BUSY,
    message: expect.stringContaining('maxSubscribedUris'),
  })
})

test('what stands on the wire [MCP-168]', async () => {
  const server = define('x:a')
  const changing = tool({
    name: 'change',
    run() {
      server.resources.updated('x:a')
      return 'changed'
    },
  })
  server.tools.add(changing)
  const meta = `"_meta":{"${META.protocolVersion}":"2026-07-28","${META.clientCapabilities}":{}}`
  const own = `"_meta":{"${META.subscriptionId}":"s"}`
  await playTranscript(
    `
> {"jsonrpc":"2.0","id":"s","method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["x:a"]},${meta}}}
< {"jsonrpc":"2.0","method":"${ACKNOWLEDGED}","params":{"notifications":{"resourceSubscriptions":["x:a"]},${own}}}
> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"change",${meta}}}
<~ {"jsonrpc":"2.0","id":1,"result":{"content":*,"resultType":"complete","_meta":*}}
<~ {"jsonrpc":"2.0","method":"${RESOURCE_UPDATED}","params":{"uri":"x:a",${own}}}
`,
    { serve: (channel) => void serveChannel(server, channel, { log: recordingLog() }) },
  )
})
