import { expect, spyOn, test } from 'bun:test'
import { createNdjsonReader } from './ndjson.ts'

const CHUNK = 64 * 1024
const LENGTH = 10 * 1024 * 1024

interface Work {
  copied: number
  decoded: number
  searched: number
  messages: number
}

/** Counts the bytes that pass through everything that copies, decodes or searches bytes. */
function countWork(chunks: readonly Uint8Array[], maxMessageBytes?: number): Work {
  const work: Work = { copied: 0, decoded: 0, searched: 0, messages: 0 }
  const { set, indexOf, lastIndexOf } = Uint8Array.prototype
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
  using _last = spyOn(Uint8Array.prototype, 'lastIndexOf').mockImplementation(function (this: Uint8Array, byte) {
    const found = lastIndexOf.call(this, byte)
    work.searched += this.length - Math.max(found, 0)
    return found
  })
  using _decode = spyOn(TextDecoder.prototype, 'decode').mockImplementation(function (this: TextDecoder, bytes, how) {
    work.decoded += bytes?.byteLength ?? 0
    return decode.call(this, bytes, how)
  })
  const reader = createNdjsonReader({
    maxMessageBytes,
    message: () => void work.messages++,
    unreadable: () => undefined,
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return work
}

function inChunks(text: string): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, index) =>
    bytes.subarray(index * CHUNK, (index + 1) * CHUNK),
  )
}

test('a line of 10 MB in pieces is copied once, decoded once and searched a bounded number of times', () => {
  const work = countWork(inChunks(`{"pad":"${'x'.repeat(LENGTH)}"}\n`))
  expect(work.messages).toBe(1)
  for (const counted of [work.copied, work.decoded, work.searched]) expect(counted).toBeGreaterThanOrEqual(LENGTH)
  expect(work.copied).toBeLessThanOrEqual(LENGTH + CHUNK)
  expect(work.decoded).toBeLessThanOrEqual(LENGTH + CHUNK)
  expect(work.searched).toBeLessThanOrEqual(2 * (LENGTH + CHUNK))
})

test('10 MB of short lines are decoded once and copied only where a chunk cuts one', () => {
  const line = `{"jsonrpc":"2.0","id":1,"method":"ping","pad":"${'x'.repeat(953)}"}\n`
  const work = countWork(inChunks(line.repeat(LENGTH / 1000)))
  expect(work.messages).toBe(Math.floor(LENGTH / 1000))
  expect(work.copied).toBeLessThanOrEqual((LENGTH / CHUNK + 1) * line.length)
  expect(work.decoded).toBeLessThanOrEqual(LENGTH + CHUNK)
  expect(work.searched).toBeLessThanOrEqual(2 * (LENGTH + CHUNK))
})

test('an oversized line of 10 MB is not copied at all but for its start', () => {
  const work = countWork(inChunks(`{"pad":"${'x'.repeat(LENGTH)}"}\n{"next":1}\n`), CHUNK)
  expect(work.messages).toBe(1)
  expect(work.copied).toBeLessThan(1000)
  expect(work.decoded).toBeLessThan(1000)
})
