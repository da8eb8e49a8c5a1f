import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Unreadable } from './jsonrpc/channel.ts'
import { createSseReader, encodeSseComment, encodeSseEvent, type SseEvent } from './sse.ts'

interface Reading {
  events: SseEvent[]
  retries: number[]
  faults: Unreadable[]
  lastEventId: string
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function readChunks(chunks: readonly Uint8Array[], maxEventBytes?: number): Reading {
  const reading: Reading = { events: [], retries: [], faults: [], lastEventId: '' }
  const reader = createSseReader({
    maxEventBytes,
    event: (event) => void reading.events.push(event),
    retry: (ms) => void reading.retries.push(ms),
    tooLong: (fault) => void reading.faults.push(fault),
  })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return { ...reading, lastEventId: reader.lastEventId }
}

const read = (text: string, maxEventBytes?: number): Reading => readChunks([bytesOf(text)], maxEventBytes)
const dataOf = (text: string): string[] => read(text).events.map(({ data }) => data)

describe('the reader', () => {
  test('tells data, name and id of an event', () => {
    const { events, faults } = read('event: note\nid: 7\ndata: {"a":1}\n\ndata: x\n\n')
    expect(events).toEqual([
      { event: 'note', id: '7', data: '{"a":1}' },
      { event: 'message', id: '7', data: 'x' },
    ])
    expect(faults).toEqual([])
  })

  test.each<[string, string, string[]]>([
    ['line feeds', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['carriage returns', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['both', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['a mix of them', 'data: a\r\n\ndata: b\n\rdata: c\r\r\n', ['a', 'b', 'c']],
    ['several lines of data', 'data: a\ndata\ndata: \ndata: b\n\n', ['a\n\n\nb']],
    ['one blank behind the colon', 'data:a\n\ndata: a\n\ndata:  a\n\ndata:\ta\n\n', ['a', 'a', ' a', '\ta']],
    ['colons in the data', 'data: a: b:c\n\n', ['a: b:c']],
    ['empty data', 'data\n\ndata:\n\n', ['', '']],
    ['comments [MCP-118]', ':\n: keep-alive\n\n:data: x\ndata: a\n: in between\n\n:end\n', ['a']],
    ['unknown fields', 'foo: bar\nData: x\n data: y\ndata: a\nbar\n\n', ['a']],
    ['a byte order mark in front', '\ufeffdata: a\n\n', ['a']],
    ['a second byte order mark, which is data', '\ufeff\ufeffdata: a\n\ndata: \ufeffb\n\n', ['\ufeffb']],
    ['a comment behind a byte order mark', '\ufeff: x\ndata: a\n\n', ['a']],
    ['an event without its end', 'data: a\n\ndata: b\n', ['a']],
    ['an event without the end of its line', 'data: a\n\ndata: b', ['a']],
    ['blank lines alone', '\n\n\r\n\r\n', []],
    ['line separators of other alphabets', 'data: \u2028\u2029\u0085\n\n', ['\u2028\u2029\u0085']],
  ])('reads %s', (_, text, data) => {
    expect(dataOf(text)).toEqual(data)
  })

  test.each<[string, string[], string[]]>([
    ['behind whole events, a byte order mark is part of a line', ['data: a\n\n', '\ufeffdata: b\n\n'], ['a']],
    ['so it is in a chunk that is none of whole events', ['data: a\n\n', '\ufeffdata: b\n', '\n'], ['a']],
    [
      'in front, it is dropped, though the chunk is made of whole events',
      ['\ufeffdata: a\n\n', 'data: b\n\n'],
      ['a', 'b'],
    ],
    ['in front, it is dropped behind an empty chunk', ['', '\ufeffdata: a\n\n'], ['a']],
    ['a carriage return waits for its line feed', ['data: a\n\n', 'data: b\r', '\n\n', 'data: c\n\n'], ['a', 'b', 'c']],
    ['carriage returns end lines inside of whole events', ['data: a\rdata: b\n\n'], ['a\nb']],
    ['whole lines go on with an event that came in part', ['data: a\n', 'data: b\n\n'], ['a\nb']],
    ['whole lines go on with a line that came in part', ['da', 'ta: a\n\n', 'data: b\n\n'], ['a', 'b']],
    ['comments between whole events', [': a\n\ndata: a\n\n: data: b\n\n'], ['a']],
  ])('chunks of whole events: %s', (_, chunks, expected) => {
    expect(readChunks(chunks.map(bytesOf)).events.map(({ data }) => data)).toEqual(expected)
  })

  test('replaces bytes that are not UTF-8', () => {
    const bytes = bytesOf('data: a?b\n\n')
    bytes[bytes.indexOf(0x3f)] = 0xff
    expect(readChunks([bytes]).events).toMatchObject([{ data: 'a\ufffdb' }])
  })

  test('records the id of an event without data and tells nothing', () => {
    expect(read('id: 1\n\n')).toMatchObject({ events: [], lastEventId: '1' })
  })

  test('tells an event of empty data, which is how a stream shows its first id', () => {
    expect(read('id: 1\ndata: \n\n')).toMatchObject({
      events: [{ event: 'message', id: '1', data: '' }],
      lastEventId: '1',
    })
  })

  test('does not record the id of an event that was cut off', () => {
    expect(read('id: 1\ndata: a\n\nid: 2\ndata: b\n')).toMatchObject({ events: [{ id: '1' }], lastEventId: '1' })
  })

  test('goes on from the id a stream is continued behind', () => {
    const ids: string[] = []
    const reader = createSseReader({
      lastEventId: '4',
      event: ({ id }) => void ids.push(id),
      tooLong: () => undefined,
    })
    expect(reader.lastEventId).toBe('4')
    reader.push(bytesOf(': hello\n\ndata: a\n\nid: 5\ndata: b\n\n'))
    expect([...ids, reader.lastEventId]).toEqual(['4', '5', '5'])
  })

  test('overlooks an id with NUL, and lets an empty one forget the last', () => {
    expect(read('id: 1\n\nid: 2\0\n\n').lastEventId).toBe('1')
    expect(read('id: 1\n\nid\n\n').lastEventId).toBe('')
  })

  test('a name belongs to one event, and an empty one is none', () => {
    const names = read('event: a\n\nevent: b\ndata: 1\n\ndata: 2\n\nevent:\ndata: 3\n\n').events.map((one) => one.event)
    expect(names).toEqual(['b', 'message', 'message'])
  })

  test('retry is made of digits alone', () => {
    const values = ['500', '0', '007', '', ' 5', '5 ', '-5', '+5', '1.5', '1e3', '0x1', '９', '9'.repeat(400)]
    const { retries } = read(
      values
        .map((value) => `retry:${value}\n`)
        .join('')
        .concat('retry\n'),
    )
    expect(retries).toEqual([500, 0, 7, 5, Number.MAX_SAFE_INTEGER])
  })

  test('tells a retry at once and an event with its blank line, without waiting for what follows', () => {
    const heard: string[] = []
    const reader = createSseReader({
      event: ({ data }) => void heard.push(data),
      retry: (ms) => void heard.push(`retry ${ms}`),
      tooLong: () => undefined,
    })
    reader.push(bytesOf('retry: 5\r'))
    expect(heard).toEqual(['retry 5'])
    reader.push(bytesOf('\ndata: a\r\n\r'))
    expect(heard).toEqual(['retry 5', 'a'])
    reader.push(bytesOf('\ndata: b\r\n\r\n'))
    expect(heard).toEqual(['retry 5', 'a', 'b'])
  })
})

test.each([
  ['a byte order mark', ['\xef', '\xbb', '\xbfdata: a\n\n'], ['a']],
  ['what only begins like one', ['\xef', '\xbb', 'data: a\n\ndata: b\n\n'], ['b']],
  ['a pair of line ends', ['data: a\r', '\n\r', '\ndata: b\r\n', '\r\n'], ['a', 'b']],
  ['behind a pair of line ends', ['data: a\r\n', '\n'], ['a']],
  ['a character', ['data: \xe2', '\x82', '\xac\n\n'], ['€']],
])('%s may be cut', (_, chunks, data) => {
  const bytes = chunks.map((chunk) => Uint8Array.from(chunk, (letter) => letter.charCodeAt(0)))
  expect(readChunks(bytes).events.map((event) => event.data)).toEqual(data)
})

describe('an event over the limit', () => {
  const answer = (pad: string): string => `{"jsonrpc":"2.0","id":7,"result":{"pad":"${pad}"}}`

  test.each([
    ['in one line', `data: ${answer('x'.repeat(100))}`],
    ['in many lines', answer('x'.repeat(30)).replaceAll(/[,}]/g, '$&\ndata: ').replace(/^/, 'data:')],
    ['with its id behind', `data: {"result":"${'x'.repeat(100)}",\ndata: "id":7}`],
  ])('%s is reported with the id of its message, and the next one is read', (_, text) => {
    const { events, faults, lastEventId } = read(`id: a\n${text}\n\nid: b\ndata: next\n\n`, 64)
    expect(events).toEqual([{ event: 'message', id: 'b', data: 'next' }])
    expect(faults).toMatchObject([{ kind: 'oversized', id: 7, isResponse: true }])
    const bytes = `id: a\n${text}`.replaceAll('\n', '').length
    expect(faults[0]).toMatchObject({
      bytes,
      message: `an event of ${bytes} bytes is over the limit of 64 (maxEventBytes)`,
    })
    expect(lastEventId).toBe('b')
  })

  test('has an id to come back behind, so that it is not read again and again', () => {
    expect(read(`data: ${'x'.repeat(100)}\nid: 5\n\n`, 64)).toMatchObject({ lastEventId: '5', events: [] })
  })

  test('is shown by the start of its data', () => {
    const [fault] = read(`event: e\ndata: a\ndata: ${'€'.repeat(1000)}\n\n`, 64).faults
    expect(fault?.excerpt).toBe(`a\n${'€'.repeat(66)}`)
  })

  test('is reported at the end of the stream, though it was cut off', () => {
    const { faults, lastEventId } = read(`id: 1\ndata: ${'x'.repeat(100)}`, 64)
    expect(faults).toMatchObject([{ bytes: 111 }])
    expect(lastEventId).toBe('')
  })

  test('is one with a field of any name that is too long', () => {
    for (const field of ['id', 'event', 'retry', 'other']) {
      const { events, faults, lastEventId } = read(`${field}: ${'1'.repeat(100)}\ndata: a\n\n`, 64)
      expect([events, faults.length, lastEventId]).toEqual([[], 1, ''])
    }
  })

  test('is none because of comments, however long', () => {
    const comment = `:${'x'.repeat(200)}\n`
    expect(read(`${comment}data: a\n${comment.repeat(10)}data: b\n\n`, 64)).toMatchObject({
      events: [{ data: 'a\nb' }],
      faults: [],
    })
  })

  test('begins one byte above the limit', () => {
    expect(read(`data: ${'x'.repeat(58)}\n\n`, 64)).toMatchObject({ events: [{}], faults: [] })
    expect(read(`data: ${'x'.repeat(59)}\n\n`, 64)).toMatchObject({ events: [], faults: [{ bytes: 65 }] })
  })

  test.each([0, 15, -1, Number.NaN])('the limit cannot be %d', (maxEventBytes) => {
    const sink = { event: () => undefined, tooLong: () => undefined }
    expect(() => createSseReader({ maxEventBytes, ...sink })).toThrow(
      `maxEventBytes must be a number of at least 16, got ${maxEventBytes}`,
    )
  })
})

describe('writing', () => {
  test.each([
    [{ data: '{"a":1}' }, 'data: {"a":1}\n\n'],
    [{ data: '' }, 'data: \n\n'],
    [{ data: 'a', id: '1', event: 'e', retry: 500 }, 'event: e\nid: 1\nretry: 500\ndata: a\n\n'],
    [{ data: 'a\r\nb\rc\nd\n' }, 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [{ data: '', id: '', retry: 0 }, 'id: \nretry: 0\ndata: \n\n'],
  ])('%j', (fields, text) => {
    expect(encodeSseEvent(fields)).toBe(text)
  })

  test.each([
    [{ data: '', id: 'a\nb' }, 'the id of an event must be one line without NUL, got "a\\nb"'],
    [{ data: '', id: 'a\rb' }, 'the id of an event must be one line without NUL, got "a\\rb"'],
    [{ data: '', id: 'a\0b' }, 'the id of an event must be one line without NUL, got "a\\u0000b"'],
    [{ data: '', event: 'a\ndata: b' }, 'the event of an event must be one line without NUL, got "a\\ndata: b"'],
    [{ data: '', retry: 1.5 }, 'the retry of an event must be a whole number of milliseconds, got 1.5'],
    [{ data: '', retry: -1 }, 'the retry of an event must be a whole number of milliseconds, got -1'],
  ])('refuses %j', (fields, message) => {
    expect(() => encodeSseEvent(fields)).toThrow(new TypeError(message))
  })

  test('a comment says nothing to a reader, whatever is in it [MCP-118]', () => {
    expect(encodeSseComment()).toBe(': \n\n')
    expect(encodeSseComment('a\ndata: b\r\n\rc')).toBe(': a\n: data: b\n: \n: c\n\n')
    expect(read(encodeSseComment('a\n\ndata: b\n\nid: 1'))).toEqual(read(''))
  })
})

const field = fc.constantFrom('data', 'data', 'data:', 'data: ', 'id: ', 'event: ', 'retry: ', 'foo: ', ':', 'data :')
const value = fc.oneof(
  fc
    .constantFrom('', '1', '500', 'é€😀', '\ufeff', '\0', 'y'.repeat(20), '{"id":1,"result":{}}', 'z'.repeat(60))
    .map(bytesOf),
  fc.string({ unit: 'binary' }).map(bytesOf),
  fc.uint8Array({ maxLength: 4 }),
)
const eol = fc.constantFrom('\n', '\r', '\r\n').map(bytesOf)
const blank = fc.constant<Uint8Array[]>([])
const line = fc.oneof(blank, fc.tuple(field.map(bytesOf), value))
/** Lines of every kind in any order, behind a byte order mark or a part of one. */
const stream = fc
  .tuple(
    fc.constantFrom([], [0xef], [0xef, 0xbb], [0xef, 0xbb, 0xbf], [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf]),
    fc.array(fc.tuple(line, eol), { maxLength: 20 }),
  )
  .map(([mark, lines]) =>
    Uint8Array.from([...mark, ...lines.flatMap(([parts, end]) => [...parts, end].flatMap((part) => [...part]))]),
  )

test('however the bytes are cut, the same events, retries and faults are read', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 400 })), (bytes, places) => {
      const whole = readChunks([bytes], 48)
      const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
      const chunks = [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length))
      expect(readChunks(chunks, 48)).toEqual(whole)
      expect(
        readChunks(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          48,
        ),
      ).toEqual(whole)
    }),
    { numRuns: 1000 },
  )
})

test('what is written is read', () => {
  const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
  const oneLine = text.map((any) => any.replaceAll(/[\r\n\0]/g, ''))
  const fields = fc.record({ data: text, id: oneLine, event: oneLine, retry: fc.nat() })
  fc.assert(
    fc.property(fc.array(fields), (written) => {
      const { events, retries, faults } = read(written.map((one) => encodeSseEvent(one)).join(encodeSseComment('x')))
      expect(events).toEqual(
        written.map(({ data, id, event }) => ({
          data: data.replaceAll(/\r\n|\r/g, '\n'),
          id,
          event: event || 'message',
        })),
      )
      expect(retries).toEqual(written.map(({ retry }) => retry))
      expect(faults).toEqual([])
    }),
  )
})
