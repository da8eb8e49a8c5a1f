import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { HttpDriver } from '../drivers/http-driver.ts'
import { hasNode22 } from '../launches.ts'
import { failureOf } from '../scenarios.ts'
import { clients } from './clients.ts'
import { type Runtime, type Served, serveBao } from './serve.ts'

setDefaultTimeout(30_000)

const BIG_BYTES = 5 * 1024 * 1024
const MANY = 64
const BIG_OPTIONS = { serve: { maxBodyBytes: 2 * BIG_BYTES } }

const runtimes: Runtime[] = hasNode22 ? ['bun', 'node 22'] : ['bun']
const newest = clients.filter(({ version }) => version >= '2025-11-25')

describe.each(runtimes)('our server over HTTP under %s', (runtime) => {
  let big: Promise<Served> | undefined
  let usual: Promise<Served> | undefined
  const serveBig = (): Promise<Served> => {
    big ??= serveBao(runtime, BIG_OPTIONS)
    return big
  }
  const serveUsual = (): Promise<Served> => {
    usual ??= serveBao(runtime)
    return usual
  }
  afterAll(async () => {
    await (await big)?.[Symbol.asyncDispose]()
    await (await usual)?.[Symbol.asyncDispose]()
  })

  describe.each(newest)('and the $name', ({ open }) => {
    const text = 'é'.repeat(BIG_BYTES / 2)

    test('passes five megabytes in both directions where maxBodyBytes lets it', async () => {
      await using client = await open((await serveBig()).url)
      expect((await client.call('length', { text })).text).toBe(String(text.length))
      expect((await client.call('echo', { text })).text === text).toBeTrue()
    })

    test('gets five megabytes on a stream that has begun before', async () => {
      await using client = await open((await serveBig()).url)
      const heard: number[] = []
      const settings = { onProgress: (progress: number) => void heard.push(progress) }
      const answer = await client.call('big_late', { bytes: BIG_BYTES }, settings)
      expect(answer.text === 'y'.repeat(BIG_BYTES)).toBeTrue()
      expect(heard).toEqual([1])
      expect(
        client.heard.exchanges.items.some(({ method, type }) => method === 'tools/call' && type.includes('event')),
      ).toBeTrue()
    })

    test.each([
      ['a little over', 'x'.repeat(4 * 1024 * 1024)],
      ['far over', text],
    ])('is refused a body %s maxBodyBytes with 413, and goes on', async (how, tooLong) => {
      await using client = await open((await serveUsual()).url)
      const failure = await failureOf(client.call('length', { text: tooLong }))
      expect(failure).toMatchObject(client.generation === 1 ? { code: 413 } : { data: { status: 413 } })
      // what is far over never gets to us under Bun, and Bun says nothing but the status
      if (how === 'a little over') expect(String(failure)).toContain('maxBodyBytes')
      expect((await client.call('echo', { text: 'on' })).text).toBe('on')
    })

    test(`has ${MANY} calls in flight, and each of them answered with its own answer`, async () => {
      const { url } = await serveUsual()
      await using client = await open(url)
      await using other = await open(url)
      const keys = Array.from({ length: MANY }, () => crypto.randomUUID())
      const calls = keys.map((key) => client.call('slow', { key, steps: 0, hold: true }))
      const holds = keys.map((key) => client.call('hold', { key }))
      // all of them run at once
      await Promise.all(keys.map((key) => other.call('await_running', { key })))
      await letGo(other, keys)
      expect((await Promise.all(holds)).map((answer) => answer.text)).toEqual(keys.map(() => 'finished'))
      expect((await Promise.all(calls)).map((answer) => answer.text)).toEqual(keys.map((key) => `done ${key}`))
    })
  })
})

/** Finishes calls, the last one first. */
async function letGo(client: HttpDriver, keys: readonly string[]): Promise<void> {
  for (const key of keys.toReversed()) {
    await client.call('let_go', { key })
    await client.call('release', { key })
  }
}
