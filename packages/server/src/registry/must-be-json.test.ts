import { expect, test } from 'bun:test'
import { prompt } from './prompt.ts'
import { resource } from './resource.ts'
import { resourceTemplate } from './resource-template.ts'
import { tool } from './tool.ts'

const _meta = { big: 1n }
const run = (): string => 'x'

test.each([
  ['tool "a"', () => tool({ name: 'a', _meta, run })],
  ['prompt "a"', () => prompt({ name: 'a', _meta, run })],
  ['resource "x:a"', () => resource({ uri: 'x:a', name: 'a', _meta, read: run })],
  ['resource template "x:{a}"', () => resourceTemplate({ uriTemplate: 'x:{a}', name: 'a', _meta, read: run })],
])('%s is refused when it cannot be listed', (what, define) => {
  expect(define).toThrow(`${what}: what is listed of it cannot be written as JSON`)
})
