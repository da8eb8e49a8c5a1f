import { describe, expect, spyOn, test } from 'bun:test'
import fc from 'fast-check'
import { salvage } from './salvage.ts'

const ANSWER = { result: { content: [{ type: 'text', text: 'a "b" \\\\ {"jsonrpc":"2.0"}' }] }, jsonrpc: '2.0', id: 1 }
const TEXT = JSON.stringify(ANSWER)

test.each([
  ['a progress bar', `50 %${TEXT}`],
  ['half an answer', `{"result":{"content":[{"type":"te${TEXT}`],
  ['half a string that ends in a backslash', `{"result":"C:\\${TEXT}`],
  ['a whole object', `{"level":"info"}${TEXT}`],
  ['a closing quotation mark', `state: "ok"${TEXT}`],
  ['a log line, and in front of a carriage return', `INFO sent: ${TEXT}\r`],
  ['a request', `{"jsonrpc":"2.0","id":1,"method":"a"}${TEXT}`],
])('finds an answer behind %s', (_, line) => {
  expect(salvage(line)).toEqual(ANSWER)
})

test.each([
  ['in single quotation marks', `INFO sent '${TEXT}'`],
  ['in double quotation marks', `INFO sent "${TEXT}"`],
  ['in quotation marks that close on the next line', `INFO sent "${TEXT}`],
  ['in quotation marks at the start of a line', `'${TEXT}`],
  ['in a Python dictionary', `INFO {'body': '${TEXT}`],
  ['in the string of a log object', `INFO ${JSON.stringify({ body: TEXT })}`],
  ['in a string of half a log object', `INFO {"body":${JSON.stringify(TEXT)}`],
  ['as a member of a log object', `INFO {"level":"info","body":${TEXT}}`],
  ['in front of other words', `INFO ${TEXT} was sent`],
])('a message that is quoted is none: %s', (_, line) => {
  expect(salvage(line)).toBeUndefined()
})

test.each([
  ['no version', 'INFO {"id":1,"result":{}}'],
  ['another version', 'INFO {"jsonrpc":"1.0","id":1,"result":{}}'],
  ['a batch', `INFO [${TEXT}]`],
  ['half a message', `INFO ${TEXT.slice(0, -1)}`],
  ['brackets that do not match', 'INFO {"jsonrpc":"2.0","id":[1}}'],
  ['an escape outside of a string', 'INFO {"jsonrpc":"2.0","id":1,\\"result":{}}'],
  ['nothing in front', TEXT],
  ['nothing', ''],
  ['one brace', '}'],
])('%s is not taken for a message', (_, line) => {
  expect(salvage(line)).toBeUndefined()
})

/** A message with its members in any order. */
const message = fc
  .tuple(fc.oneof(fc.nat(), fc.string()), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), fc.boolean())
  .chain(([id, value, isError]) => {
    const outcome = isError ? { error: { code: -1, message: 'no', data: value } } : { result: value }
    const members = Object.entries({ jsonrpc: '2.0', id, ...outcome })
    return fc.shuffledSubarray(members, { minLength: members.length })
  })
  .map((members) => JSON.stringify(Object.fromEntries(members)))

const fragment = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  // half of something
  fc.tuple(message, fc.nat()).map(([text, length]) => text.slice(0, length % text.length)),
)

describe('whatever stands around', () => {
  test('a message in any order of members is found behind any text that opens no quotation', () => {
    fc.assert(
      fc.property(fragment, message, (before, text) => {
        fc.pre(before !== '' && !/["'`]$/.test(before))
        expect(salvage(before + text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('a message inside the string of a log line is never found', () => {
    fc.assert(
      fc.property(fragment, message, fc.string(), (before, text, after) => {
        const quoted = JSON.stringify(`${text}${after}`)
        for (const line of [quoted, `{"msg":${quoted}`, `{"msg":${quoted}}`, `{"msg":${quoted.slice(0, -1)}`]) {
          expect(salvage(`${before} ${line}`)).toBeUndefined()
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('what is found is what trying every place finds', () => {
    const tokens = ['{"jsonrpc":"2.0"', '{"', '}', '{', '"', '\\', ',', ':', '[', ']', '"a":', '1', 'x', ' ']
    let found = 0
    const line = fc.tuple(
      fc.array(fc.constantFrom(...tokens), { maxLength: 12 }),
      fc.constantFrom('}', '{"jsonrpc":"2.0"}', '"jsonrpc":"2.0"}', ',"a":{}}', ',"a":"{"}'),
    )
    fc.assert(
      fc.property(line, ([parts, end]) => {
        const text = `x${parts.join('')}${end}`
        const expected = everyPlace(text)
        expect(expected.length).toBeLessThanOrEqual(1)
        if (expected.length > 0) found++
        expect(salvage(text)).toEqual(expected[0])
      }),
      { numRuns: 5000 },
    )
    expect(found).toBeGreaterThan(100)
  })
})

/** The slow way: what each brace that opens no quotation may begin. */
function everyPlace(text: string): unknown[] {
  return [...text.matchAll(/\{/g)].flatMap(({ index }) => {
    if (/[\s([{<=:,]"$/.test(text.slice(0, index))) return []
    try {
      const value = JSON.parse(text.slice(index))
      return value.jsonrpc === '2.0' ? [value] : []
    } catch {
      return []
    }
  })
}

const MANY = 20_000

test.each([
  ['starts of messages', '{"jsonrpc":"2.0","a":'.repeat(MANY), ''],
  ['starts of objects', '{"'.repeat(MANY), '}'],
  ['ends of objects', 'x', '}'.repeat(MANY)],
  ['whole messages', `{"jsonrpc":"2.0"}`.repeat(MANY), ''],
  ['levels around a message', `x${'{"a":'.repeat(MANY)}`, '}'.repeat(MANY)],
  ['escapes', 'x', `{"a":"${'\\\\"'.repeat(MANY)}"}`],
  ['backslashes', 'x', `{"a":"${'\\'.repeat(MANY)}"}`],
])('a line of many %s is walked through once and parsed once at most', (_, before, after) => {
  const line = `${before}${TEXT}${after}`
  let looks = 0
  let parsed = 0
  const { parse } = JSON
  const { charCodeAt } = String.prototype
  {
    using _parse = spyOn(JSON, 'parse').mockImplementation((text) => {
      parsed += text.length
      return parse(text)
    })
    using _look = spyOn(String.prototype, 'charCodeAt').mockImplementation(function (this: string, at) {
      looks++
      return charCodeAt.call(this, at)
    })
    salvage(line)
  }
  expect(looks).toBeGreaterThan(0)
  expect(looks).toBeLessThanOrEqual(3 * line.length)
  expect(parsed).toBeLessThanOrEqual(line.length)
})
