import { afterEach, describe, expect, spyOn, test } from 'bun:test'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { openRequests } from './open-requests.ts'
import { createWire, type WireRequest, type WireResponse } from './wire.ts'

const SERVER = new URL('http://server.test/mcp')

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

afterEach(() => expect(openRequests()).toBe(0))

describe('an exchange', () => {
  const request = (signal = new AbortController().signal): WireRequest => ({
    method: 'POST',
    headers: {},
    signal,
    what: 'a test',
  })

  test('gives what was read of the response, and its place back', async () => {
    const wire = createWire(SERVER, { fetch: async () => new Response('yes') })
    let open = 0
    const text = await wire.exchange(request(), (response) => {
      open = openRequests()
      return response.text()
    })
    expect([text, open, openRequests()]).toEqual(['yes', 1, 0])
  })

  test('gives its place back when the reading fails', async () => {
    const wire = createWire(SERVER, { fetch: async () => new Response('yes') })
    const error = await failureOf(wire.exchange(request(), () => Promise.reject(new Error('unreadable'))))
    expect(String(error)).toBe('Error: unreadable')
    expect(openRequests()).toBe(0)
  })
})

describe('the fetch of the runtime', () => {
  const send = (signal: AbortSignal): Promise<WireResponse> =>
    createWire(SERVER, {}).send({ method: 'POST', headers: {}, signal, what: 'a test' })
  const scripted = (answer: () => Promise<Response>) =>
    spyOn(globalThis, 'fetch').mockImplementation(Object.assign(answer, { preconnect: fetch.preconnect }))

  test('that throws instead of rejecting fails the request, and its place is given back', async () => {
    using _fetching = scripted(() => {
      throw new TypeError('no way')
    })
    const sending = [failureOf(send(new AbortController().signal)), failureOf(send(new AbortController().signal))]
    for (const error of await Promise.all(sending)) expect(error).toBeInstanceOf(ConnectionError)
    expect(openRequests()).toBe(0)
  })
})
