import { expect } from 'bun:test'
import { ROOTS } from '../drivers/http-driver.ts'
import type { Scenario } from './features-reading.ts'

const hasForms = (version: string): boolean => version >= '2025-06-18'
const hasUrls = (version: string): boolean => version >= '2025-11-25'

/** What our server asks an official client in the middle of a call. */
export const asking: Readonly<Record<string, Scenario>> = {
  async 'is shown a form where its version has forms, and answers, declines and gives up'(client, version) {
    for (const [reply, text] of [
      [{ action: 'accept', content: { name: 'Ada' } }, 'hello Ada'],
      [{ action: 'decline' }, 'decline'],
      [{ action: 'cancel' }, 'cancel'],
    ] as const) {
      client.heard.reply = reply
      const before = client.asked
      const answer = await client.call('ask')
      expect(client.asked - before).toBe(hasForms(version) ? 1 : 0)
      if (hasForms(version)) expect(answer).toMatchObject({ text, isError: false })
      else expect(answer).toMatchObject({ isError: true, text: expect.stringContaining('elicitation') })
    }
    client.heard.reply = { action: 'accept', content: { name: 'Ada' } }
  },

  async 'is sent to a URL where its version has that'(client, version) {
    const { questions } = client.heard
    questions.clear()
    const answer = await client.call('ask_url')
    if (!hasUrls(version)) {
      expect(answer).toMatchObject({ isError: true, text: expect.stringMatching(/elicitation.*url/) })
      expect(questions.items).toEqual([])
      return
    }
    expect(answer).toMatchObject({ text: 'accept', isError: false })
    expect(questions.items).toMatchObject([
      { method: 'elicitation/create', params: { mode: 'url', url: 'https://example.com/in' } },
    ])
  },

  async 'is asked to sample'(client) {
    client.heard.questions.clear()
    const { text } = await client.call('sample')
    expect(JSON.parse(text)).toEqual({ model: 'parrot', content: { type: 'text', text: 'sunny' } })
    expect(client.heard.questions.items).toMatchObject([
      { method: 'sampling/createMessage', params: { maxTokens: 100, messages: [{ role: 'user' }] } },
    ])
  },

  async 'is asked to sample with tools, and uses one'(client) {
    client.heard.questions.clear()
    const { text } = await client.call('sample_with_tools')
    const { stopReason, content } = JSON.parse(text)
    expect(stopReason).toBe('toolUse')
    // toward a version that knows no lists of content, one block stands alone
    expect([content].flat()).toEqual([{ type: 'tool_use', id: 'u1', name: 'weather', input: { city: 'Hue' } }])
    expect(client.heard.questions.items).toMatchObject([
      { params: { tools: [{ name: 'weather' }], toolChoice: { mode: 'required' } } },
    ])
  },

  async 'is asked for its roots'(client) {
    expect(JSON.parse((await client.call('roots')).text)).toEqual(ROOTS)
  },

  async 'is asked three things at once, each of them once'(client, version) {
    client.heard.questions.clear()
    const answer = await client.call('ask_together')
    if (!hasForms(version)) return expect(answer.isError).toBeTrue()
    expect(answer).toMatchObject({ text: 'Ada, parrot, 1', isError: false })
    expect(client.heard.questions.items.map(({ method }) => method).toSorted()).toEqual([
      'elicitation/create',
      'roots/list',
      'sampling/createMessage',
    ])
  },

  async 'is asked three things one after the other, each of them once'(client, version) {
    client.heard.questions.clear()
    const answer = await client.call('ask_in_turn')
    if (!hasForms(version)) return expect(answer.isError).toBeTrue()
    expect(answer).toMatchObject({ text: 'Ada Ada Ada', isError: false })
    expect(client.heard.questions.items).toMatchObject([
      { params: { message: 'the first' } },
      { params: { message: 'the second' } },
      { params: { message: 'the third' } },
    ])
  },
}
