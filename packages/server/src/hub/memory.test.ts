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

describe('records', () => {
  const tooMany = { code: SERVER_BUSY, message: '2 records are kept, which is the limit (maxEntries)' }

  test('are never forgotten to make room: past the limit new ones are refused until old ones are over', async () => {
    const clock = fakeClock()
    const hub = memoryHub({ maxEntries: 2 }, clock)
    await hub.create('a', {}, 100)
    await hub.create('b', {}, 200)
    await expect(hub.create('c', {}, 100)).rejects.toMatchObject(tooMany)
    await hub.create('a', { again: '1' }, 100)
    clock.advance(100)
    await hub.create('c', {}, 100)
    expect([await hub.read('a'), await hub.read('b'), await hub.read('c')]).toEqual([undefined, {}, {}])
  })

  test('take the room of logs first and of texts then, and are refused when that is not enough', async () => {
    const hub = memoryHub({ maxTextLength: 100 })
    await hub.put('t', 'x'.repeat(20), 100)
    await hub.append('l', 'x'.repeat(20), { ttlMs: 100 })
    await hub.create('r', { f: 'x'.repeat(59) }, 100)
    expect([await hub.get('t'), (await hub.read('r'))?.f?.length]).toEqual(['x'.repeat(20), 59])
    expect(await hub.update('r', { f: 'x'.repeat(99) }, 100)).toBe(true)
    expect(await hub.get('t')).toBeUndefined()
    const refused = { code: SERVER_BUSY, message: expect.stringContaining('limit of 100 (maxTextLength)') }
    await expect(hub.update('r', { g: '' }, 100)).rejects.toMatchObject(refused)
    await expect(hub.create('s', { f: '' }, 100)).rejects.toMatchObject(refused)
    await expect(hub.agree('a', 'x')).rejects.toMatchObject(refused)
    expect(await hub.update('r', { f: undefined }, 100)).toBe(true)
    await hub.create('s', { f: 'x'.repeat(98) }, 100)
    await hub.agree('a', 'x')
    expect(await hub.remove('s')).toBe(true)
    expect(await hub.update('r', { f: 'x'.repeat(98) }, 100)).toBe(true)
  })
})

describe('logs', () => {
  test('go, the one that was appended to longest ago first, when there are too many', async () => {
    const hub = memoryHub({ maxEntries: 2 })
    const positions: Record<string, string> = {}
    for (const log of ['a', 'b', 'a', 'c']) positions[log] = await hub.append(log, log, { ttlMs: 100 })
    const kept = Object.entries(positions).map(async ([log, position]) => [log, await hub.has(log, position)])
    expect(await Promise.all(kept)).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ])
  })

  test('go before texts when they are too long together, and the last one by its oldest entries', async () => {
    const hub = memoryHub({ maxTextLength: 100 })
    await hub.put('t', 'x'.repeat(20), 100)
    const old = await hub.append('old', '', { ttlMs: 100 })
    const positions: string[] = []
    for (let i = 0; i < 6; i++) positions.push(await hub.append('l', String(i), { ttlMs: 100 }))
    expect(await hub.has('old', old)).toBe(false)
    const kept = await Promise.all(positions.map((position) => hub.has('l', position)))
    expect(kept).toEqual([false, false, true, true, true, true])
    expect(await hub.get('t')).toHaveLength(20)
  })

  test('are told to who follows even when there is no room to keep them', async () => {
    const hub = memoryHub({ maxTextLength: 10 })
    const { promise, resolve } = Promise.withResolvers<string>()
    await hub.follow('l', undefined, { entry: (_position, text) => resolve(text), lost: () => undefined })
    const position = await hub.append('l', 'x'.repeat(100), { ttlMs: 100 })
    expect(await promise).toHaveLength(100)
    expect(await hub.has('l', position)).toBe(false)
  })

  test('of another process have other positions', async () => {
    const position = await memoryHub().append('l', 'a', { ttlMs: 100 })
    // they are told apart by the millisecond they began in
    const began = Date.now()
    while (Date.now() === began) await undefined
    const other = memoryHub()
    await other.append('l', 'b', { ttlMs: 100 })
    expect(await other.has('l', position)).toBe(false)
  })
})

test('limits below 1 are refused', () => {
  expect(() => memoryHub({ maxEntries: 0 })).toThrow('maxEntries must be at least 1, got 0')
  expect(() => memoryHub({ maxTextLength: Number.NaN })).toThrow('maxTextLength must be at least 1, got NaN')
})
