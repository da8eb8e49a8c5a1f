import { expect, test } from 'bun:test'
import { fakeClock } from '../../../test/kit.ts'
import { createTokenCache } from './token-cache.ts'

test('a value is there until its time is over and not a moment longer', () => {
  const clock = fakeClock()
  const cache = createTokenCache<string>(10, clock.now)
  cache.set('a', 'one', 100)
  clock.advance(99)
  expect(cache.get('a')).toBe('one')
  clock.advance(1)
  expect(cache.get('a')).toBeUndefined()
})

test('a value of no time is not kept, and takes the place of none', () => {
  const cache = createTokenCache<string>(1, fakeClock().now)
  cache.set('a', 'one', 100)
  cache.set('b', 'two', 0)
  cache.set('c', 'three', -5)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['one', undefined, undefined])
})

test('past the bound the value unused for longest goes', () => {
  const cache = createTokenCache<number>(2, fakeClock().now)
  cache.set('a', 1, 100)
  cache.set('b', 2, 100)
  cache.get('a')
  cache.set('c', 3, 100)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3])
})
