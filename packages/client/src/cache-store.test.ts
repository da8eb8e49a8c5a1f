import { expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { createMemoryCache } from './cache-store.ts'

test('an entry is kept until its time is over, to the millisecond', async () => {
  const clock = createFakeClock()
  const cache = createMemoryCache({ clock })
  cache.set({ family: 'a', key: 'k', text: 'x', ttlMs: 10 })
  await clock.advance(9)
  expect(cache.get('a', 'k')).toBe('x')
  await clock.advance(1)
  expect(cache.get('a', 'k')).toBeUndefined()
})

test('a key or a whole family is dropped, and nothing else', () => {
  const cache = createMemoryCache()
  for (const family of ['a', 'b']) {
    for (const key of ['1', '2']) cache.set({ family, key, text: family + key, ttlMs: 1e6 })
  }
  cache.drop('a', '1')
  expect([cache.get('a', '1'), cache.get('a', '2')]).toEqual([undefined, 'a2'])
  cache.drop('b')
  expect([cache.get('a', '2'), cache.get('b', '1'), cache.get('b', '2')]).toEqual(['a2', undefined, undefined])
  cache.clear()
  expect(cache.get('a', '2')).toBeUndefined()
})

test('past its limits what was not used for longest goes first', () => {
  const few = createMemoryCache({ maxEntries: 2 })
  few.set({ family: 'a', key: '1', text: 'x', ttlMs: 1e6 })
  few.set({ family: 'a', key: '2', text: 'x', ttlMs: 1e6 })
  few.get('a', '1')
  few.set({ family: 'a', key: '3', text: 'x', ttlMs: 1e6 })
  expect(['1', '2', '3'].map((key) => few.get('a', key))).toEqual(['x', undefined, 'x'])

  const short = createMemoryCache({ maxLength: 4 })
  short.set({ family: 'a', key: '1', text: 'xxx', ttlMs: 1e6 })
  short.set({ family: 'a', key: '1', text: 'yy', ttlMs: 1e6 })
  short.set({ family: 'a', key: '2', text: 'zz', ttlMs: 1e6 })
  expect(['1', '2'].map((key) => short.get('a', key))).toEqual(['yy', 'zz'])
  short.set({ family: 'a', key: '3', text: 'too long', ttlMs: 1e6 })
  expect(['1', '2', '3'].map((key) => short.get('a', key))).toEqual(['yy', 'zz', undefined])
})
