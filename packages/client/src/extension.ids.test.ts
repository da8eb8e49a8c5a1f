import { expect, test } from 'bun:test'
import { createExtensions } from './extension.ts'
import { tasks } from './tasks/index.ts'

test.each([
  'thing',
  '/thing',
  'com.example/',
  '1com/thing',
  'com..example/thing',
  'com.example/-x',
  'com.example/a/b',
  '',
])('an extension is not called %j: an id is a prefix, a slash and a name [MCP-105]', (id) => {
  expect(() => createExtensions([{ id, settings: {} }])).toThrow('an id is a prefix, a slash and a name')
})

test('our own extensions have ids by that rule [MCP-105]', () => {
  for (const id of [tasks().id, 'a/b', 'com.example-2/my_thing.v2']) {
    expect(() => createExtensions([{ id, settings: {} }])).not.toThrow()
  }
})
