import { expect, test } from 'bun:test'
import { lastWords } from './last-words.ts'

test('last words are the end of it in one line, with paths that mean the same on every machine', () => {
  const said = [...'abcdefgh'].join('\n\n')
  expect(lastWords(`${said}\n`)).toBe('c / d / e / f / g / h')
  expect(lastWords(`  cannot   find ${import.meta.path}\n`)).toBe(' cannot find bench/src/last-words.test.ts')
})
