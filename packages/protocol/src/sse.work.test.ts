import { expect, spyOn, test } from 'bun:test'
import { createSseReader } from './sse.ts'

const CHUNK = 64 * 1024
const LENGTH = 10 * 1024 * 1024

interface Work {
  copied: number
  decoded: number
  searched: number
  events: number
  faults: number
}

/** Counts the bytes that pass through everything that copies, decodes or searches bytes. */
function countWork(text: string, maxEventBytes?: number): Work {
  const bytes = new TextEncoder().encode(text)
  const work: Work = { copied: 0, decoded: 0, searched: 0, events: 0, faults: 0 }
  const { set, indexOf } = Uint8Array.prototype
  const { decode } = TextDecoder.prototype
  using _set = spyOn(Uint8Array.prototype, 'set').mockImplementation(function (this: Uint8Array, from, offset) {
    work.copied += from.length
    return set.call(this, from, offset)
  })
  using _first = spyOn(Uint8Array.prototype, 'indexOf').mockImplementation(function (this: Uint8Array, byte, start) {
    const found = indexOf.call(this, byte, start)
    work.searched += (found === -1 ? this.length : found + 1) - (start ?? 0)
    return found
  })
  using _decode = spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, part, how) {
    work.decoded += part?.byteLength ?? 0
    return decode.call(this, part, how)
  })
  const reader = createSseReader({
    maxEventBytes,
    event: () => void work.events++,
    tooLong: () => void work.faults++,
  })
  for (let at = 0; at < bytes.length; at += CHUNK) reader.push(bytes.subarray(at, at + CHUNK))
  reader.end()
  return work
}

test('an event of 10 MB in one line is decoded once, searched twice and not copied', () => {
  const work = countWork(`data: ${'x'.repeat(LENGTH)}\n\n`)
  expect(work.events).toBe(1)
  expect(work.decoded).toBeLessThanOrEqual(LENGTH + CHUNK)
  expect(work.searched).toBeLessThanOrEqual(2 * (LENGTH + CHUNK))
  // the start of the stream, where a byte order mark may stand
  expect(work.copied).toBeLessThanOrEqual(CHUNK)
})

test.each([
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['both', '\r\n'],
])('10 MB of short events that end with %s are decoded once and searched twice', (_, end) => {
  const event = `event: message${end}data: ${'x'.repeat(78)}${end}${end}`
  const work = countWork(event.repeat(LENGTH / 100))
  expect(work.events).toBe(Math.floor(LENGTH / 100))
  expect(work.decoded).toBeLessThanOrEqual(LENGTH + CHUNK)
  expect(work.searched).toBeLessThanOrEqual(2.1 * (LENGTH + CHUNK))
  expect(work.copied).toBeLessThanOrEqual(CHUNK)
})

test('what is over the limit is held up to the limit only, and read no more', () => {
  for (const text of [`data: ${'x'.repeat(LENGTH)}\n\n`, 'data: x\n'.repeat(LENGTH / 8).concat('\n')]) {
    const work = countWork(text, CHUNK)
    expect([work.events, work.faults]).toEqual([0, 1])
    expect(work.copied).toBeLessThan(4 * CHUNK)
  }
})

test('a comment of 10 MB is neither decoded nor held', () => {
  const work = countWork(`:${'x'.repeat(LENGTH)}\ndata: a\n\n`, CHUNK)
  expect([work.events, work.faults]).toEqual([1, 0])
  expect(work.decoded).toBeLessThan(100)
  expect(work.copied).toBeLessThan(4 * CHUNK)
})
