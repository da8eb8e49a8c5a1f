import assert from 'node:assert/strict'
import { tool } from '@bao-mcp/server'
import { answerOf, callTool, messagesOf, post, textOf, VERSION } from './wire.ts'
import type { World } from './world.ts'

/** Longest body that every mount of these scenarios takes. */
export const MAX_BODY_BYTES: number = 2_000_000

/** What has to work wherever a handler is mounted, under any runtime. The names are sentences with the mount as subject. */
export const scenarios: Readonly<Record<string, (url: URL, world: World) => Promise<void>>> = {
  async 'answers a modern call'(url) {
    const response = await callTool(url, 'echo', { args: { text: 'hé' } })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(textOf(await answerOf(response)), 'hé')
  },

  async 'passes progress on while the call runs'(url, world) {
    const response = await callTool(url, 'steps', { meta: { progressToken: 'p' } })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    const messages = messagesOf(response)
    const first = await messages.next()
    assert.equal(first.value?.params?.progress, 1)
    world.release()
    const rest = await Array.fromAsync(messages)
    assert.deepEqual(
      rest.map((message) => message.params?.progress ?? textOf(message)),
      [2, 'done'],
    )
  },

  async 'aborts a modern call whose client goes away'(url, world) {
    const gone = new AbortController()
    const response = callTool(url, 'wait', { signal: gone.signal })
    await world.running
    gone.abort()
    await assert.rejects(response)
    await world.aborted
  },

  async 'aborts a modern call whose stream is closed'(url, world) {
    const response = await callTool(url, 'steps', { meta: { progressToken: 'p' } })
    const messages = messagesOf(response)
    await messages.next()
    await messages.return(undefined)
    await world.aborted
  },

  async 'takes long bodies and refuses longer ones by name'(url) {
    const text = 'x'.repeat(MAX_BODY_BYTES - 1000)
    const taken = await callTool(url, 'length', { args: { text } })
    assert.equal(textOf(await answerOf(taken)), String(text.length))
    const refused = await callTool(url, 'length', { args: { text: `${text}${'x'.repeat(2000)}` } })
    assert.equal(refused.status, 413)
    assert.match((await answerOf(refused)).error?.message ?? '', /maxBodyBytes/)
  },

  async 'sends long answers whole'(url) {
    const text = 'é'.repeat(500_000)
    assert.equal(textOf(await answerOf(await callTool(url, 'echo', { args: { text } }))), text)
  },

  async 'keeps a session of the older era'(url, world) {
    const opened = await post(url, {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: VERSION, capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
    })
    const session = {
      'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': VERSION,
    }
    assert.equal((await answerOf(opened)).result?.protocolVersion, VERSION)
    assert.notEqual(session['mcp-session-id'], '')
    const initialized = await post(url, { method: 'notifications/initialized' }, session)
    assert.equal(initialized.status, 202)
    assert.equal(await initialized.text(), '')

    const call = { id: 2, method: 'tools/call', params: { name: 'echo', arguments: { text: 'hi' } } }
    assert.equal(textOf(await answerOf(await post(url, call, session))), 'hi')

    const listening = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } })
    assert.equal(listening.status, 200)
    const heard = messagesOf(listening)
    const first = heard.next()
    world.server.tools.add(tool({ name: 'new', input: { type: 'object' }, run: () => 'new' }))
    assert.equal((await first).value?.method, 'notifications/tools/list_changed')

    const ended = await fetch(url, { method: 'DELETE', headers: session })
    assert.ok(ended.ok, `DELETE was answered ${ended.status}`)
    assert.deepEqual(await Array.fromAsync(heard), [])
    const late = await post(url, { ...call, id: 3 }, session)
    assert.equal(late.status, 404)
    await late.body?.cancel()
  },
}
