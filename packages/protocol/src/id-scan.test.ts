import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { createIdScanner, type ScanResult } from './id-scan.ts'

function scan(text: string, chunkLength = text.length): ScanResult {
  const scanner = createIdScanner()
  const bytes = new TextEncoder().encode(text)
  for (let start = 0; start < bytes.length; start += chunkLength) {
    scanner.push(bytes.subarray(start, start + chunkLength))
  }
  return scanner.result()
}

const big = `"pad":"${'x\\"}{]['.repeat(500)}"`

test.each<[string, string, ScanResult]>([
  ['before a big member', `{"id":7,"method":"m",${big}}`, { id: 7, isResponse: false }],
  ['after a big member', `{${big},"method":"m","id":7}`, { id: 7, isResponse: false }],
  ['as a string', `{"id":"a\\"b","method":"m"}`, { id: 'a"b', isResponse: false }],
  ['under an escaped key', `{"\\u0069d":7,"method":"m"}`, { id: 7, isResponse: false }],
  ['between blanks', `{ "id" : 7 , "method" : "m" }`, { id: 7, isResponse: false }],
  ['as the last member', `{"method":"m","id":-7}`, { id: -7, isResponse: false }],
  ['of a result', `{"id":7,"result":{"id":8,"method":"m"}}`, { id: 7, isResponse: true }],
  ['of an error', `{"error":{"id":8},"id":7}`, { id: 7, isResponse: true }],
  ['behind another object', `{"level":"info"}{"id":7,"result":{}}`, { id: 7, isResponse: true }],
  ['behind stray brackets', `done }]}{"id":7,"method":"m"}`, { id: 7, isResponse: false }],
])('finds the id %s, however it is cut', (_, text, result) => {
  expect(scan(text)).toEqual(result)
  expect(scan(text, 1)).toEqual(result)
  expect(scan(text, 7)).toEqual(result)
})

test.each([
  ['a fraction', `{"id":1.5,"method":"m"}`],
  ['null', `{"id":null,"method":"m"}`],
  ['too large to echo', `{"id":9007199254740992,"method":"m"}`],
  ['an object', `{"id":{"id":1},"method":"m"}`],
  ['an array', `{"id":[1],"method":"m"}`],
  ['a boolean', `{"id":true,"method":"m"}`],
  ['broken', `{"id":1x,"method":"m"}`],
  ['cut off', `{"method":"m","id":12`],
  ['longer than any of ours', `{"id":"${'x'.repeat(2000)}","method":"m"}`],
  ['nested only', `{"params":{"id":1},"list":[{"id":2}],"method":"m"}`],
  ['in an array', `[{"id":1,"method":"m"}]`],
  ['in a string', `{"method":"\\"id\\":1"}`],
  ['missing', `{"method":"m"}`],
])('finds none that is %s', (_, text) => {
  expect(scan(text).id).toBeUndefined()
})

test('finds in any message what parsing it would find', () => {
  const id = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constantFrom(null, true))
  const members = fc.uniqueArray(
    fc.tuple(
      fc.constantFrom('id', 'method', 'result', 'error', 'params', 'x', '__proto__'),
      fc.oneof(id, fc.jsonValue()),
    ),
    { selector: ([key]) => key },
  )
  fc.assert(
    fc.property(members, fc.integer({ min: 1, max: 9 }), fc.constantFrom(undefined, 2), (entries, chunk, indent) => {
      const value = Object.fromEntries(entries)
      const text = JSON.stringify(value, null, indent)
      const found = scan(text, chunk)
      const readable = typeof value.id === 'string' || Number.isSafeInteger(value.id)
      expect<unknown>(found.id).toEqual(readable ? JSON.parse(text).id : undefined)
      expect(found.isResponse).toBe(('result' in value || 'error' in value) && !('method' in value))
    }),
    { numRuns: 2000 },
  )
})

test('survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const scanner = createIdScanner()
      scanner.push(bytes)
      expect(typeof scanner.result().isResponse).toBe('boolean')
    }),
    { numRuns: 1000 },
  )
})
