import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Unreadable } from './jsonrpc/channel.ts'
import { createNdjsonReader } from './ndjson.ts'

type Heard = { message: unknown } | { unreadable: Unreadable }

const LIMIT = 120
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function readChunks(chunks: readonly Uint8Array[], maxMessageBytes = LIMIT): Heard[] {
  const heard: Heard[] = []
  const reader = createNdjsonReader({
    maxMessageBytes,
    message: (message) => void heard.push({ message }),
    unreadable: (unreadable) => void heard.push({ unreadable }),
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return heard
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...sorted].map((start, index) => bytes.subarray(start, sorted[index] ?? bytes.length))
}

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof(fc.nat(), fc.string()),
    method: fc.string({ unit: 'grapheme' }),
  }),
)

/** Lines of every kind a pipe may carry, without their ends. */
const line: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: json.map((value) => bytesOf(JSON.stringify(value))) },
  { weight: 2, arbitrary: json.map((value) => bytesOf(`\ufeff${JSON.stringify(value)}`)) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t\t', '\ufeff', '\ufeff\ufeff', '\ufeff\ufeff1').map(bytesOf) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme' }).map((text) => bytesOf(text.replace(/\n/g, ' '))) },
  { weight: 2, arbitrary: json.map((value) => bytesOf(`log: ${JSON.stringify(value)}`)) },
  // not UTF-8
  {
    weight: 2,
    arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.map((byte) => (byte === 10 ? 0xff : byte))),
  },
  { weight: 1, arbitrary: json.map((value) => joined([bytesOf(JSON.stringify(value)), new Uint8Array([0xc3])])) },
  // over the limit, as text and as no text at all
  { weight: 2, arbitrary: json.map((value) => bytesOf(JSON.stringify({ pad: 'ü€😀'.repeat(15), id: 7, value }))) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(LIMIT + 3).fill(0xe2)) },
)

const stream = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 8 }), fc.option(line))
  .map(([lines, last]) => joined([...lines.flatMap(([bytes, end]) => [bytes, bytesOf(end)]), ...(last ? [last] : [])]))

test('what is read does not depend on where the chunks end [MCP-024]', () => {
  let messages = 0
  let faults = 0
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
      const whole = readChunks([bytes])
      expect(readChunks(cut(bytes, places))).toEqual(whole)
      for (const heard of whole) 'message' in heard ? messages++ : faults++
    }),
    { numRuns: 2000 },
  )
  expect(messages).toBeGreaterThan(1000)
  expect(faults).toBeGreaterThan(1000)
})

test('nor when every byte comes alone', () => {
  fc.assert(
    fc.property(stream, (bytes) => {
      expect(readChunks([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(readChunks([bytes]))
    }),
    { numRuns: 1000 },
  )
})

test('every message comes through, in order, between lines of any kind', () => {
  const marked = fc.array(fc.tuple(line, fc.nat()), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(marked, fc.array(fc.nat(), { maxLength: 6 }), (pairs, places) => {
      const bytes = joined(pairs.flatMap(([other, mark]) => [other, bytesOf(`\n{"mark":${mark}}\n`)]))
      const marks = readChunks(cut(bytes, places)).flatMap((heard) =>
        'message' in heard && typeof heard.message === 'object' && heard.message !== null && 'mark' in heard.message
          ? [heard.message.mark]
          : [],
      )
      expect(marks).toEqual(pairs.map(([, mark]) => mark))
    }),
    { numRuns: 1000 },
  )
})

test('a line at the limit is read and one byte more is not, whole or in pieces', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.array(fc.nat(), { maxLength: 3 }), (length, places) => {
      const text = JSON.stringify('é'.repeat(length))
      const bytes = bytesOf(text)
      for (const chunks of [[bytes], cut(bytes, places)]) {
        expect(readChunks(chunks, bytes.length)).toEqual([{ message: JSON.parse(text) }])
        expect(readChunks(chunks, bytes.length - 1)).toEqual([
          { unreadable: expect.objectContaining({ kind: 'oversized', bytes: bytes.length }) },
        ])
      }
    }),
    { numRuns: 1000 },
  )
})
