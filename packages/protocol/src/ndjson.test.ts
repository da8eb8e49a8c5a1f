import { describe, expect, test } from 'bun:test'
import type { Unreadable } from './jsonrpc/channel.ts'
import { createNdjsonReader } from './ndjson.ts'

interface Reading {
  messages: unknown[]
  faults: Unreadable[]
}

function read(input: string | Uint8Array, maxMessageBytes?: number): Reading {
  const reading: Reading = { messages: [], faults: [] }
  const reader = createNdjsonReader({
    maxMessageBytes,
    message: (value) => void reading.messages.push(value),
    unreadable: (fault) => void reading.faults.push(fault),
  })
  reader.push(typeof input === 'string' ? new TextEncoder().encode(input) : input)
  reader.end()
  return reading
}

const deep = '['.repeat(200_000)

test.each([
  ['two lines', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['a last line without its end', '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
  ['carriage returns', '{"a":1}\r\n{"a":2}\r\n', [{ a: 1 }, { a: 2 }]],
  ['blank lines', '\n \n\r\n{"a":1}\n\n', [{ a: 1 }]],
  ['a byte order mark at the start', '\ufeff{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['a byte order mark on a later line', '{"a":1}\n\ufeff{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ['nothing', '', []],
  ['values that are no objects', '1\n"x"\nnull\n[]\n', [1, 'x', null, []]],
  ['escaped line breaks', '{"a":"x\\ny\\r"}\n', [{ a: 'x\ny\r' }]],
  ['line separators of other alphabets', '{"a":"\u2028\u2029\u0085"}\n', [{ a: '\u2028\u2029\u0085' }]],
])('reads %s', (_, text, messages) => {
  expect(read(text)).toEqual({ messages, faults: [] })
})

test.each([
  ['rubbish', 'Listening on port 3000\n', 'syntax'],
  ['a message that is cut off', '{"jsonrpc":"2.0","id":1\n', 'syntax'],
  ['a message with a bare line break', '{"jsonrpc":"2.0",\n', 'syntax'],
  ['two byte order marks', '\ufeff\ufeff{}\n', 'syntax'],
  ['a message over the limit', `{"pad":"${'x'.repeat(300)}"}\n`, 'oversized'],
  ['deep nesting without an end', `${deep}\n`, 'oversized'],
] as const)('%s is reported, and the next message is still read', (_, text, kind) => {
  const { messages, faults } = read(`${text}{"next":1}\n`, 256)
  expect(messages).toEqual([{ next: 1 }])
  expect(faults.map((fault) => fault.kind)).toContain(kind)
})

test('bytes that are not UTF-8 are refused line by line', () => {
  const bytes = new TextEncoder().encode('{"a":1}\n{"id":5,"b":"?"}\n{"c":1}\n')
  bytes[bytes.indexOf(0x3f)] = 0xff
  const { messages, faults } = read(bytes)
  expect(messages).toEqual([{ a: 1 }, { c: 1 }])
  expect(faults).toEqual([
    {
      kind: 'syntax',
      message: 'the message is not valid UTF-8',
      excerpt: '{"id":5,"b":"\ufffd"}',
      bytes: 16,
      id: 5,
      isResponse: false,
    },
  ])
})

test('200 000 levels of nesting are read, and without an end refused', () => {
  const { messages, faults } = read(`${deep}${']'.repeat(200_000)}\n${deep}\n{"next":1}\n`)
  expect(messages).toHaveLength(2)
  expect(messages[1]).toEqual({ next: 1 })
  expect(faults).toMatchObject([{ kind: 'syntax', id: undefined, isResponse: false, bytes: 200_000 }])
})

test('a long run of byte order marks is a blank line or a broken one, and costs no stack', () => {
  const marks = '\ufeff'.repeat(200_000)
  const { messages, faults } = read(`${marks}\n${marks}1\n{"next":1}\n`)
  expect(messages).toEqual([{ next: 1 }])
  expect(faults).toHaveLength(1)
})

test('a report stays short however long the line is', () => {
  const { faults } = read(`${'x'.repeat(100_000)}\n${'€'.repeat(100_000)}\n`, 250_000)
  for (const { excerpt, message } of faults) {
    expect(excerpt.length).toBeLessThanOrEqual(200)
    expect(message.length).toBeLessThan(500)
  }
  expect(faults.map(({ kind, bytes }) => [kind, bytes])).toEqual([
    ['syntax', 100_000],
    ['oversized', 300_000],
  ])
})

describe('salvage', () => {
  test.each([
    ['a log fragment', 'INFO done: {"jsonrpc":"2.0","id":1,"result":{}}', { jsonrpc: '2.0', id: 1, result: {} }],
    ['another object', '{"level":1}{"id":1,"result":{},"jsonrpc":"2.0"}', { jsonrpc: '2.0', id: 1, result: {} }],
    ['nothing whole', 'INFO done: {"jsonrpc":"2.0","id":1,"resul', undefined],
  ])('finds what stands whole behind %s', (_, text, salvaged) => {
    expect(read(text).faults.map((fault) => fault.salvaged)).toEqual([salvaged])
  })

  test('bytes that are no text may stand in front of a message and not in it', () => {
    const answer = '{"result":{"text":"?"},"jsonrpc":"2.0","id":1}'
    const bytes = new TextEncoder().encode(`\ue000 ${answer}\n`)
    expect(read(bytes.subarray(1)).faults).toMatchObject([{ salvaged: JSON.parse(answer) }])
    bytes[bytes.indexOf(0x3f)] = 0xff
    expect(read(bytes.subarray(1)).faults.map(({ salvaged }) => salvaged)).toEqual([undefined])
  })
})
