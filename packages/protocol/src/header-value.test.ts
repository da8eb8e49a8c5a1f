import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { decodeHeaderValue, encodeHeaderValue, isPlainHeaderValue } from './header-value.ts'
import { RpcError } from './jsonrpc/errors.ts'

function refusal(value: string): RpcError {
  try {
    decodeHeaderValue(value, 'Mcp-Name')
  } catch (error) {
    if (error instanceof RpcError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(value)} was decoded`)
}

test.each([
  ['plain text', 'us-west1', 'us-west1'],
  ['nothing', '', ''],
  ['blanks inside', 'us west 1', 'us west 1'],
  ['other signs', '"a", b; c=%20', '"a", b; c=%20'],
  ['another alphabet', 'Grüße', '=?base64?R3LDvMOfZQ==?='],
  ['a blank in front', ' a', '=?base64?IGE=?='],
  ['a tab behind', 'a\t', '=?base64?YQk=?='],
  ['a tab inside', 'a\tb', '=?base64?YQli?='],
  ['a line break', 'a\r\nb', '=?base64?YQ0KYg==?='],
  ['a control character', 'a\u007f', '=?base64?YX8=?='],
  ['a text that looks encoded', '=?base64?YQ==?=', '=?base64?PT9iYXNlNjQ/WVE9PT89?='],
  ['marks that overlap', '=?base64?=', '=?base64?PT9iYXNlNjQ/PQ==?='],
  ['half a mark', '=?base64?YQ==', '=?base64?YQ=='],
  ['a byte order mark', '\ufeffa', '=?base64?77u/YQ==?='],
])('writes %s [MCP-124] [MCP-125]', (_, text, value) => {
  expect(encodeHeaderValue(text)).toBe(value)
  expect(decodeHeaderValue(value)).toBe(text)
})

test('every text comes back, and travels in printable ASCII without blanks around it [MCP-124] [MCP-129]', () => {
  const sentinel = fc.string().map((text) => `=?base64?${text}?=`)
  const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), sentinel)
  fc.assert(
    fc.property(texts, (any) => {
      const text = any.toWellFormed()
      const value = encodeHeaderValue(text)
      expect(value).toMatch(/^(?:[!-~](?:[ -~]*[!-~])?)?$/)
      expect(decodeHeaderValue(value)).toBe(text)
      expect(new Headers({ x: value }).get('x')).toBe(value)
      expect(isPlainHeaderValue(text)).toBe(/^[ -~]*$/.test(text) && !/^=\?base64\?.*=$/.test(text))
    }),
  )
})

test('a long text is written and read', () => {
  const text = 'é'.repeat(200_000)
  expect(decodeHeaderValue(encodeHeaderValue(text))).toBe(text)
})

test('half of a surrogate pair is refused before it turns into something else', () => {
  for (const text of ['\ud800', 'a\udc00b']) {
    expect(() => encodeHeaderValue(text)).toThrow(TypeError)
    expect(() => encodeHeaderValue(text)).toThrow('half of a surrogate pair')
  }
})

test.each([
  ['another case of the mark', '=?BASE64?YQ==?='],
  ['another encoding', '=?utf-8?YQ==?='],
  ['no end', '=?base64?YQ=='],
  ['no start', 'YQ==?='],
  ['marks that overlap', '=?base64?='],
  ['a tab inside', 'a\tb'],
])('takes %s for what it is [MCP-129]', (_, value) => {
  expect(decodeHeaderValue(value)).toBe(value)
})

test.each([
  ['plain text', ' \t us-west1\t ', 'us-west1'],
  ['an encoded text', '  =?base64?IGEg?=  ', ' a '],
  ['nothing at all', ' \t', ''],
])('drops blanks around %s', (_, value, text) => {
  expect(decodeHeaderValue(value)).toBe(text)
})

test('only spaces and tabs are blanks', () => {
  expect(refusal('\u00a0a').message).toContain('characters')
})

test.each([
  ['missing padding', '=?base64?YQ?='],
  ['half the padding', '=?base64?YQ=?='],
  ['too much padding', '=?base64?YWJj=?='],
  ['a letter of another alphabet', '=?base64?_-8=?='],
  ['a blank inside', '=?base64?YQ ==?='],
  ['surplus bits', '=?base64?YR==?='],
  ['rubbish', '=?base64?!!?='],
])('refuses %s with the code of a mismatch [MCP-129] [MCP-140]', (_, value) => {
  const error = refusal(value)
  expect(error.code).toBe(-32020)
  expect(error.message).toBe('the Mcp-Name header is marked as Base64 and is no padded Base64')
})

test('refuses Base64 of what is no UTF-8 [MCP-140]', () => {
  expect(refusal('=?base64?/w==?=')).toMatchObject({
    code: -32020,
    message: 'the Mcp-Name header is Base64 of what is no UTF-8',
  })
})

test.each(['é', 'a\u0000', 'a\u007fb', 'a\nb', '=?base64?é'])(
  'refuses %j, which no header may carry as it is [MCP-140]',
  (value) => {
    expect(refusal(value)).toMatchObject({
      code: -32020,
      message: 'the Mcp-Name header holds characters that must be encoded as Base64',
    })
  },
)
