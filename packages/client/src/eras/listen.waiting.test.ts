import { expect, test } from 'bun:test'

const CONNECT = JSON.stringify(`${import.meta.dir}/../connect.ts`)
const HTTP = JSON.stringify(`${import.meta.dir}/../transports/http.ts`)
const KIT = JSON.stringify(`${import.meta.dir}/../testing/scripted-server.test.kit.ts`)

/** The server refuses the first subscription for now, and leaves the second one without a word. */
const MODERN = `
import { connect } from ${CONNECT}
import { ofEra, scripted } from ${KIT}
let asked = 0
const server = scripted(ofEra('modern', (message, wire) => {
  if (message.method !== 'subscriptions/listen') return
  console.log('asked', ++asked)
  if (asked === 1) wire.fail(message, -32603, 'not now')
}, { capabilities: { tools: { listChanged: true } } }))
await connect(server, { onToolsChanged() {}, onStray() {}, random: () => 0 })
`

/** The server ends its first stream, and is done with the second one for good. */
const LEGACY = `
import { connect } from ${CONNECT}
import { http } from ${HTTP}
import { initialized } from ${KIT}
let asked = 0
async function fetch(url, { method, body }) {
  if (method === 'POST') {
    const { id } = JSON.parse(body)
    return id === undefined ? new Response(null, { status: 202 }) : Response.json({ jsonrpc: '2.0', id, result: initialized() })
  }
  console.log('asked', ++asked)
  if (asked > 1) return new Response(null, { status: 405 })
  return new Response('retry: 100\\n\\n', { headers: { 'content-type': 'text/event-stream' } })
}
await connect(http('http://server.test', { fetch }), { pin: 'legacy', onToolsChanged() {}, onStray() {} })
`

test.each([
  ['modern', MODERN],
  ['legacy', LEGACY],
])('a program that waits for changes does not end before they are asked for again: %s', async (_, program) => {
  await using child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe', stderr: 'inherit' })
  expect(await new Response(child.stdout).text()).toBe('asked 1\nasked 2\n')
})
