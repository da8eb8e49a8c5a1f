import { describe, expect, test } from 'bun:test'
import { SERVER_BUSY } from '@bao-mcp/protocol/engine'
import { fakeClock } from '../../test/kit.ts'
import { memoryHub } from './memory.ts'

describe('texts', () => {
  test('are there until their time is over', async () => {
    const clock = fakeClock()
    const hub = memoryHub({}, clock)
    await hub.put('a', 'text', 100)
    clock.advance(99)
    expect(await hub.get('a')).toBe('text')
    clock.advance(1)
    expect(await hub.get('a')).toBeUndefined()
    expect(await hub.get('never')).toBeUndefined()
  })

  test('are replaced, with their time, by a later one of the same key', async () => {
    const clock = fakeClock()
    const hub = memoryHub({ maxTextLength: 10 }, clock)
    await hub.put('a', '12345678', 100)
    clock.advance(90)
    await hub.put('a', '87654321', 100)
    clock.advance(90)
    expect(await hub.get('a')).toBe('87654321')
  })

  test('go, the oldest first, when there are too many', async () => {
    const hub = memoryHub({ maxEntries: 2 })
    for (const key of ['a', 'b', 'c']) await hub.put(key, key, 100)
    expect(await Promise.all(['a', 'b', 'c'].map((key) => hub.get(key)))).toEqual([undefined, 'b', 'c'])
  })

  test('go, the oldest first, when they are too long together', async () => {
    const hub = memoryHub({ maxTextLength: 10 })
    await hub.put('a', '12345', 100)
    await hub.put('b', '12345', 100)
    expect(await hub.get('a')).toBe('12345')
    await hub.put('c', '1', 100)
    expect(await Promise.all(['a', 'b', 'c'].map((key) => hub.get(key)))).toEqual([undefined, '12345', '1'])
    await hub.put('long', '12345678901', 100)
    expect(await Promise.all(['b', 'c', 'long'].map((key) => hub.get(key)))).toEqual([undefined, undefined, undefined])
    await hub.put('d', '1234567890', 100)
    expect(await hub.get('d')).toBe('1234567890')
  })
})

describe('claims', () => {
  test('are given once, until their time is over', async () => {
    const clock = fakeClock()
    const hub = memoryHub({}, clock)
    expect(await Promise.all([hub.claim('a', 100), hub.claim('a', 100), hub.claim('b', 100)])).toEqual([
      true,
      false,
      true,
    ])
    clock.advance(99)
    expect(await hub.claim('a', 100)).toBe(false)
    clock.advance(1)
    expect(await hub.claim('a', 100)).toBe(true)
  })

  test('share no keys with texts', async () => {
    const hub = memoryHub()
    await hub.put('a', 'text', 100)
    expect(await hub.claim('a', 100)).toBe(true)
    expect(await hub.get('a')).toBe('text')
  })

  test('are never forgotten to make room: past the limit new ones are refused until old ones are over', async () => {
    const clock = fakeClock()
    const hub = memoryHub({ maxEntries: 2 }, clock)
    await hub.claim('a', 100)
    await hub.claim('b', 200)
    await expect(hub.claim('c', 100)).rejects.toMatchObject({
      code: SERVER_BUSY,
      message: expect.stringContaining('maxEntries'),
    })
    expect(await hub.claim('a', 100)).toBe(false)
    for (const key of ['x', 'y', 'z']) await hub.put(key, key, 100)
    expect(await hub.claim('a', 100)).toBe(false)
    clock.advance(100)
    expect(await hub.claim('c', 100)).toBe(true)
    expect(await hub.claim('b', 100)).toBe(false)
  })
})

test('limits below 1 are refused', () => {
  expect(() => memoryHub({ maxEntries: 0 })).toThrow('maxEntries must be at least 1, got 0')
  expect(() => memoryHub({ maxTextLength: Number.NaN })).toThrow('maxTextLength must be at least 1, got NaN')
})
