import { expect, test } from 'bun:test'
import { isTest, resolveRelative, sourceFile } from './source.ts'

const imports = (text: string): string[] =>
  sourceFile('a.ts', text).imports.map(({ kind, specifier, line }) => `${line} ${kind} ${specifier}`)

test.each([
  ["import { a } from './b.ts'", '1 value ./b.ts'],
  ["import a, { type B } from './b.ts'", '1 value ./b.ts'],
  ["import { type B } from './b.ts'", '1 value ./b.ts'],
  ["import * as a from 'b'", '1 value b'],
  ["import './b.ts'", '1 value ./b.ts'],
  ['import{a}from"b"', '1 value b'],
  ["import type { A } from './b.ts'", '1 type ./b.ts'],
  ["import {\n  a,\n  // not this: from 'x'\n  b,\n} from './c.ts'", '5 value ./c.ts'],
  ["export { a } from './b.ts'", '1 value ./b.ts'],
  ["export * from './b.ts'", '1 value ./b.ts'],
  ["export * as a from './b.ts'", '1 value ./b.ts'],
  ["export type { A } from './b.ts'", '1 type ./b.ts'],
  ["const a = await import('./b.ts')", '1 dynamic ./b.ts'],
  ["type A = import('./b.ts').A", '1 dynamic ./b.ts'],
  ["const a = require('node:fs')", '1 dynamic node:fs'],
])('reads %j', (text, expected) => {
  expect(imports(text)).toEqual([expected])
})

test.each([
  "// import { a } from './b.ts'",
  'const a = "import { b } from \'c\'"',
  "export const from = 'a'",
  "export { a }\nconst b = 'c'",
  "a.import('b')",
  'import.meta.url',
])('sees no import in %j', (text) => {
  expect(imports(text)).toEqual([])
})

test('reads several imports without semicolons, each at its line', () => {
  const text = "import 'a'\nimport { b } from 'b'\nexport const x = 1\nexport { c } from 'c'\nlet y = import('d')\n"
  expect(imports(text)).toEqual(['1 value a', '2 value b', '4 value c', '5 dynamic d'])
})

test('agrees with the transpiler of Bun about what a file loads', async () => {
  const files = ['source.ts', 'source.test.ts', 'blank.ts'].map((name) => `${import.meta.dir}/${name}`)
  for (const path of files) {
    const text = await Bun.file(path).text()
    const scanned = new Bun.Transpiler({ loader: 'ts' }).scanImports(text).map((each) => each.path)
    const ours = sourceFile(path, text).imports.filter((each) => each.kind === 'value')
    expect(ours.map((each) => each.specifier)).toEqual(expect.arrayContaining(scanned))
  }
})

test('tells tests and their parts from what is built', () => {
  const paths = ['a/b.test.ts', 'a/b.test.mjs', 'a/b.test.kit.ts', 'a/b.ts', 'a/test.ts', 'a/latest.ts']
  expect(paths.filter(isTest)).toEqual(['a/b.test.ts', 'a/b.test.mjs', 'a/b.test.kit.ts'])
})

test('resolves relative specifiers against the importing file', () => {
  expect(resolveRelative('packages/client/src/eras/modern.ts', '../../../server/src/index.ts')).toBe(
    'packages/server/src/index.ts',
  )
})
