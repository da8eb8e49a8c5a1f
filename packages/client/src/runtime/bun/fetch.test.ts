import { afterEach, beforeEach, expect, spyOn, test } from 'bun:test'
import { sendRequest } from './fetch.ts'

const asked: string[] = []
let fetching: ReturnType<typeof spyOn<typeof globalThis, 'fetch'>>

beforeEach(() => {
  asked.length = 0
  const answer = (url: string | URL | Request): Promise<Response> => {
    asked.push(String(url))
    if (String(url) === 'broken') throw new Error('no way')
    return Promise.resolve(new Response(String(url)))
  }
  fetching = spyOn(globalThis, 'fetch').mockImplementation(Object.assign(answer, { preconnect: fetch.preconnect }))
})

afterEach(() => void fetching.mockRestore())

test('a request that is alone leaves at once', async () => {
  const response = sendRequest('a', {}, true)
  expect(asked).toEqual(['a'])
  expect(await (await response).text()).toBe('a')
})

test('requests of one turn leave together behind it, in their order', async () => {
  const responses = [sendRequest('a', {}, false), sendRequest('b', {}, false), sendRequest('c', {}, true)]
  await Promise.resolve()
  expect(asked).toEqual([])
  expect(await Promise.all(responses.map(async (response) => (await response).text()))).toEqual(['a', 'b', 'c'])
  expect(asked).toEqual(['a', 'b', 'c'])
})

test('one that fails fails alone', async () => {
  const broken = sendRequest('broken', {}, false)
  const whole = sendRequest('a', {}, false)
  await expect(broken).rejects.toThrow('no way')
  expect((await whole).ok).toBeTrue()
})
