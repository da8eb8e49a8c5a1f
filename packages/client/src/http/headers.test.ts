import { expect, test } from 'bun:test'
import { mergeHeaders, NO_HEADERS, sharedHeaders } from './headers.ts'

test('a later header replaces an earlier one in whatever spelling', () => {
  const merged = mergeHeaders({ Authorization: 'a', 'X-Other': '1' }, undefined, { authorization: 'b', ACCEPT: '*/*' })
  expect(merged).toEqual({ authorization: 'b', 'x-other': '1', accept: '*/*' })
})

test('the last spelling of one layer counts', () => {
  expect(mergeHeaders({ 'mcp-method': 'theirs', 'Mcp-Method': 'tools/call' })).toEqual({ 'mcp-method': 'tools/call' })
})

test.each(['s3cret\r\nx-injected: 1', 's3cret\n', 's3cret\0', 's3cret Huế', 's3cret 😀'])(
  'a value that HTTP cannot carry is refused and not shown: %j',
  (value) => {
    const act = (): unknown => mergeHeaders({ 'x-secret': value })
    expect(act).toThrow(TypeError)
    expect(act).toThrow(/x-secret/)
    expect(act).not.toThrow(/s3cret/)
  },
)

test.each(['', 'a b', 'a:b', 'a\r\nb', 'ä'])('a name that HTTP cannot carry is refused: %j', (name) => {
  expect(() => mergeHeaders({ [name]: '1' })).toThrow(/a header cannot be called/)
})

test('what is no text is refused by its type', () => {
  // what a program without types may hand over
  const headers: Record<string, string> = JSON.parse('{"x-number":1}')
  expect(() => mergeHeaders(headers)).toThrow(/x-number needs a text, got number/)
})

test('all that a field may hold is let through', () => {
  expect(mergeHeaders({ a: '', b: 'tab\tand ~ and \xe9' })).toEqual({ a: '', b: 'tab\tand ~ and \xe9' })
})

test('headers that requests share go with one as they are, and with others they are put together like any', () => {
  const shared = sharedHeaders({ 'X-A': '1' }, { 'x-b': '2' })
  expect(shared).toEqual({ 'x-a': '1', 'x-b': '2' })
  expect(mergeHeaders(undefined, NO_HEADERS, shared)).toBe(shared)
  expect(mergeHeaders(shared, { 'X-A': '3' })).toEqual({ 'x-a': '3', 'x-b': '2' })
  expect(shared).toEqual({ 'x-a': '1', 'x-b': '2' })
})

test('headers that requests share are looked at once', () => {
  expect(() => sharedHeaders({ 'x-a': 'b\r\nc: d' })).toThrow('the header x-a')
})
