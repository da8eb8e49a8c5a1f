import { describe, expect, test } from 'bun:test'
import type { TokenStore } from '../src/auth/index.ts'
import { failure } from '../src/testing/failure.test.kit.ts'

export interface StoreAtHand extends AsyncDisposable {
  readonly store: TokenStore
}

/** What every token store keeps to. */
export function tokenStoreSuite(name: string, open: () => Promise<StoreAtHand>): void {
  describe(name, () => {
    test('keeps a text under each key', async () => {
      await using at = await open()
      const { store } = at
      expect(await store.read('a')).toBeUndefined()
      expect(await store.write('a', '1', undefined)).toBe(true)
      expect(await store.write('__proto__', '2', undefined)).toBe(true)
      expect([await store.read('a'), await store.read('__proto__'), await store.read('constructor')]).toEqual([
        '1',
        '2',
        undefined,
      ])
      expect(await store.write('a', undefined, '1')).toBe(true)
      expect([await store.read('a'), await store.read('__proto__')]).toEqual([undefined, '2'])
    })

    test('changes nothing when something else stands there than was expected', async () => {
      await using at = await open()
      const { store } = at
      expect(await store.write('a', '1', '0')).toBe(false)
      await store.write('a', '1', undefined)
      expect(await store.write('a', '2', undefined)).toBe(false)
      expect(await store.write('a', undefined, '0')).toBe(false)
      expect(await store.read('a')).toBe('1')
    })

    test('loses no write of those that come at the same time', async () => {
      await using at = await open()
      const { store } = at
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
      expect(await Promise.all(keys.map((key) => store.write(key, key, undefined)))).not.toContain(false)
      expect(await Promise.all(keys.map((key) => store.read(key)))).toEqual(keys)
    })

    test('gives a lock to one at a time, and other keys do not wait', async () => {
      await using at = await open()
      const { store } = at
      let inside = 0
      let most = 0
      const enter = async (): Promise<void> => {
        await using _lock = await store.lock('a')
        most = Math.max(most, ++inside)
        await using _other = await store.lock(`own ${most}`)
        inside--
      }
      await Promise.all(Array.from({ length: 8 }, enter))
      expect([inside, most]).toEqual([0, 1])
    })

    test('lets go of who gives up waiting, and those behind come in', async () => {
      await using at = await open()
      const { store } = at
      const first = await store.lock('a')
      const control = new AbortController()
      const waiting = failure(store.lock('a', control.signal))
      const behind = store.lock('a')
      control.abort(new Error('enough'))
      expect(String(await waiting)).toBe('Error: enough')
      await first[Symbol.asyncDispose]()
      await (await behind)[Symbol.asyncDispose]()
      expect(await failure(store.lock('a', AbortSignal.abort('gone')))).toBe('gone')
      await (await store.lock('a'))[Symbol.asyncDispose]()
    })
  })
}
