import { expect, test } from 'bun:test'
import { mcpConventions } from '../conventions.ts'
import type { Channel } from '../jsonrpc/channel.ts'
import type { JsonObject } from '../jsonrpc/message.ts'
import { createPeer } from '../jsonrpc/peer.ts'
import { createFakeClock, settle } from './fake-clock.ts'
import { memoryChannelPair } from './memory.ts'
import { type RecordedChannel, type RecordOptions, recordChannel } from './recording.ts'
import { playTranscript, TranscriptError } from './transcript.ts'

const silent = {
  notice() {
    // nothing to tell
  },
}

/** Hands out a ticket, and takes it back. */
function serve(channel: Channel): void {
  let tickets = 0
  const ticket = (): string => `ticket-${Math.random()}-${++tickets}`
  const handed = new Set<string>()
  createPeer(
    channel,
    {
      ...silent,
      request({ method, params }) {
        if (method === 'take') {
          const requestState = ticket()
          handed.add(requestState)
          return { requestState, tookMs: Math.random() }
        }
        return { known: handed.has(String(params?.requestState)) }
      },
    },
    { conventions: mcpConventions },
  )
}

async function converse(channel: Channel, idPrefix?: string): Promise<JsonObject> {
  const peer = createPeer(
    channel,
    { ...silent, request: () => ({}) },
    { conventions: mcpConventions, ...(idPrefix && { idPrefix }) },
  )
  const { requestState } = await peer.request('take', { apiKey: 'hunter2', note: 'Bearer abcdefghijkl' })
  return peer.request('give', { requestState })
}

async function recorded(more: Partial<RecordOptions> = {}): Promise<RecordedChannel> {
  const [near, far] = memoryChannelPair()
  serve(far)
  const channel = recordChannel(near, { end: 'client', any: ['tookMs'], ...more })
  expect(await converse(channel)).toEqual({ known: true })
  await channel.close()
  return channel
}

test('a recording holds no secret, and shows which values were the same', async () => {
  const transcript = (await recorded()).transcript()
  expect(transcript).not.toContain('hunter2')
  expect(transcript).not.toContain('abcdefghijkl')
  expect(transcript).not.toContain('ticket-')
  const states = [...transcript.matchAll(/"requestState":"(<hidden \d+>)"/g)].map(([, name]) => name)
  expect(states).toHaveLength(2)
  expect(new Set(states).size).toBe(1)
})

test('a recording is played to a server, which is given its own values back', async () => {
  await playTranscript((await recorded()).transcript(), { serve })
})

test('a recording is played to a client, whatever ids it chooses', async () => {
  const transcript = (await recorded()).transcript()
  let answer: JsonObject | undefined
  await playTranscript(transcript, {
    connect: async (channel) => {
      answer = await converse(channel, 'other-')
    },
  })
  expect(answer).toEqual({ known: true })
})

test('the same conversation is recorded at either end', async () => {
  const [near, far] = memoryChannelPair()
  const there = recordChannel(far, { end: 'server', any: ['tookMs'] })
  serve(there)
  const here = recordChannel(near, { end: 'client', any: ['tookMs'] })
  await converse(here)
  expect(there.transcript()).toBe(here.transcript())
})

test('a client that does something else fails the transcript, with the place', async () => {
  const transcript = (await recorded()).transcript()
  const other = playTranscript(transcript, {
    connect: async (channel) => {
      const peer = createPeer(channel, { ...silent, request: () => ({}) }, { conventions: mcpConventions })
      await peer.request('steal')
    },
  })
  await expect(other).rejects.toThrow('at method: expected "take", got "steal"')
  await expect(other).rejects.toBeInstanceOf(TranscriptError)
})

test('a client that gives up, or does not come to an end, fails the transcript', async () => {
  const transcript = (await recorded()).transcript()
  const givesUp = playTranscript(transcript, { connect: () => Promise.reject(new Error('no')) })
  await expect(givesUp).rejects.toThrow('no')
  const never = playTranscript(transcript, {
    patienceMs: 5,
    connect: async (channel) => {
      await converse(channel)
      await new Promise(() => undefined)
    },
  })
  await expect(never).rejects.toThrow('the transcript is over, and the client is not done')
})

test('what is named is hidden too, below it as well, and the time is told', async () => {
  const clock = createFakeClock()
  const [near, far] = memoryChannelPair()
  far.open({ message() {}, unreadable() {}, end() {} })
  const channel = recordChannel(near, { end: 'client', hide: ['patient'], clock })
  await clock.advance(40)
  void channel.send({ jsonrpc: '2.0', method: 'm', params: { patient: { name: 'x', age: 5 }, progressToken: 3 } })
  await settle()
  expect(channel.transcript()).toBe(
    '@recorded\n# 40 ms\n> {"jsonrpc":"2.0","method":"m","params":{"patient":{"name":"<hidden 1>","age":"<hidden 2>"},"progressToken":3}}\n',
  )
})

test('a recording that is full keeps nothing more and says so, and the conversation goes on', async () => {
  const channel = await recorded({ maxLength: 150 })
  expect(channel.isFull).toBe(true)
  expect(channel.transcript().length).toBeLessThan(250)
  expect((await recorded()).isFull).toBe(false)
})

test('JSON within a text is cleaned like the rest, and what was hidden once is hidden wherever it stands', async () => {
  const [near, far] = memoryChannelPair()
  far.open({ message() {}, unreadable() {}, end() {} })
  const channel = recordChannel(near, { end: 'client' })
  const said = { text: 'first hunter2-abc', content: [{ text: '{"token":"hunter2-abc","n":1}' }] }
  void channel.send({ jsonrpc: '2.0', method: 'm', params: { ...said, last: 'hunter2-abc again' } })
  await settle()
  const transcript = channel.transcript()
  expect(transcript).not.toContain('hunter2')
  expect(transcript.match(/<hidden 1>/g)).toHaveLength(3)
  expect(transcript).toContain('n\\":1')
})

test('what only sounds secret is kept: numbers, and what a schema calls a token', async () => {
  const [near, far] = memoryChannelPair()
  far.open({ message() {}, unreadable() {}, end() {} })
  const channel = recordChannel(near, { end: 'client' })
  const params = { maxTokens: 100, token: 5, inputSchema: { properties: { token: { type: 'string' } } } }
  void channel.send({ jsonrpc: '2.0', method: 'm', params })
  await settle()
  expect(channel.transcript()).toBe(`@recorded\n> ${JSON.stringify({ jsonrpc: '2.0', method: 'm', params })}\n`)
})

test('a line that was printed by mistake is recorded, and need not be printed again', async () => {
  const transcript = `${(await recorded()).transcript()}< Server started, API_TOKEN=abc\n`
  await playTranscript(transcript, { serve })
})

test('words of the protocol stay what they are, whatever is secret', async () => {
  const [near, far] = memoryChannelPair()
  far.open({ message() {}, unreadable() {}, end() {} })
  const channel = recordChannel(near, { end: 'client' })
  void channel.send({
    jsonrpc: '2.0',
    method: 'method',
    params: { password: 'params', secret: 'hidden', other: 'hidden.' },
  })
  await settle()
  expect(channel.transcript()).toBe(
    '@recorded\n> {"jsonrpc":"2.0","method":"method","params":{"password":"<hidden 1>","secret":"<hidden 2>","other":"<hidden 2>."}}\n',
  )
})
