import { expect, test } from 'bun:test'
import { createBindings, hidden } from './bindings.ts'
import { parsePattern } from './pattern.ts'

const follow = (any: string[] = []) => createBindings(true, new Set(any))
const pattern = (value: unknown): unknown => parsePattern(JSON.stringify(value))

test('an id that the tested side chose stands for the one it chooses now, in everything said about it', () => {
  const bindings = follow()
  const recorded = { id: 7, method: 'tools/call', params: { _meta: { progressToken: 'p' } } }
  expect(
    bindings.fit(pattern(recorded), { ...recorded, id: 'x1', params: { _meta: { progressToken: 9 } } }),
  ).toBeUndefined()
  expect(bindings.fill('{"id":7,"result":{}}')).toBe('{"id":"x1","result":{}}')
  expect(bindings.fill('{"method":"notifications/progress","params":{"progressToken":"p","progress":1}}')).toContain(
    '"progressToken":9',
  )
  const cancelled = { method: 'notifications/cancelled', params: { requestId: 7 } }
  expect(bindings.fit(pattern(cancelled), { ...cancelled, params: { requestId: 'x1' } })).toBeUndefined()
  expect(bindings.fit(pattern(cancelled), { ...cancelled, params: { requestId: 'x2' } })).toContain('expected "x1"')
})

test('an id of the side that is played is taken as it is', () => {
  const bindings = follow()
  expect(bindings.fit(pattern({ id: 7, result: {} }), { id: 8, result: {} })).toContain('at id')
  expect(bindings.fill('{"id":7,"method":"ping"}')).toBe('{"id":7,"method":"ping"}')
})

test('a notice of a subscription carries the id of the request that asked for it', () => {
  const bindings = follow()
  bindings.fit(pattern({ id: 1, method: 'subscriptions/listen' }), { id: 5, method: 'subscriptions/listen' })
  const said = bindings.fill('{"method":"n","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1}}}')
  expect(said).toContain('"io.modelcontextprotocol/subscriptionId":5')
})

test('a hidden value stands for the same value every time, and is said as what it stands for', () => {
  const bindings = follow()
  const [one, two] = [hidden(1), hidden(2)]
  expect(bindings.fit({ a: one, b: [two, one] }, { a: 'x', b: ['y', 'x'] })).toBeUndefined()
  expect(bindings.fit({ a: one }, { a: 'z' })).toContain('expected "x", got "z"')
  expect(bindings.fill(JSON.stringify({ params: { state: one, deep: [two] } }))).toBe(
    '{"params":{"state":"x","deep":["y"]}}',
  )
})

test('what did not fit is not remembered', () => {
  const bindings = follow()
  expect(bindings.fit({ a: hidden(1), b: 1 }, { a: 'x', b: 2 })).toContain('at b')
  expect(bindings.fit({ a: hidden(1) }, { a: 'y' })).toBeUndefined()
})

test('values that do not matter are not compared, but have to be there', () => {
  const bindings = createBindings(false, new Set(['tookMs']))
  expect(bindings.fit({ tookMs: 1 }, { tookMs: 2 })).toBeUndefined()
  expect(bindings.fit({ tookMs: 1 }, {})).toContain('at tookMs')
})

test('where nothing is followed, ids are compared and lines are said as they stand', () => {
  const bindings = createBindings(false, new Set())
  expect(bindings.fit({ id: 1, method: 'a' }, { id: 2, method: 'a' })).toContain('at id')
  expect(bindings.fill('not JSON')).toBe('not JSON')
})

test('a text may hide a part of itself', () => {
  const bindings = follow()
  const [one, two] = [hidden(1), hidden(2)]
  expect(bindings.fit({ t: `a (${one}) ${two}` }, { t: 'a (x.y) z' })).toBeUndefined()
  expect(bindings.fit({ t: one, u: `${two}${two}` }, { t: 'x.y', u: 'zz' })).toBeUndefined()
  expect(bindings.fit({ t: `a (${one})` }, { t: 'a (other)' })).toContain('expected "a (x.y)"')
  expect(bindings.fit({ t: `a ${one}` }, { t: 'b' })).toContain('expected')
  expect(bindings.fill(JSON.stringify({ t: `say ${two}` }))).toBe('{"t":"say z"}')
})

test('a text that looks like the name of an id is only a text', () => {
  const bindings = follow()
  bindings.fit(pattern({ id: 1, method: 'a' }), { id: 'x', method: 'a' })
  expect(bindings.fill('{"id":2,"method":"b","params":{"text":"id 1"}}')).toContain('"text":"id 1"')
})

test('two ids that were told apart are not one', () => {
  const bindings = follow()
  expect(bindings.fit(pattern({ id: 'a', method: 'x' }), { id: 1, method: 'x' })).toBeUndefined()
  expect(bindings.fit(pattern({ id: 'b', method: 'x' }), { id: 1, method: 'x' })).toContain('at id')
})
