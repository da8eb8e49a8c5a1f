import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { requirements } from '../../tests/requirements.ts'
import { findCitations } from '../lib/citations.ts'
import { root } from '../lib/commands.ts'
import { mutations } from './index.ts'
import { mutated } from './mutation.ts'

const read = (path: string): Promise<string> => Bun.file(join(root, path)).text()

describe('a rule that is broken on purpose', () => {
  test('stands in the sources as the table says, and is another text when it is broken', async () => {
    for (const mutation of mutations) {
      const source = await read(mutation.file)
      expect([mutation.rule, mutated(source, mutation) === source]).toEqual([mutation.rule, false])
    }
  })

  test('is one that is kept, and is cited by the file that has to notice', async () => {
    for (const { rule, test: path } of mutations) {
      expect([rule, requirements[rule]?.status]).toEqual([rule, 'implemented'])
      expect([path, findCitations([{ path, text: await read(path) }]).has(rule)]).toEqual([path, true])
    }
  })

  test('is listed once, and there are rules of each package', () => {
    expect(new Set(mutations.map(({ rule, wrong }) => `${rule} ${wrong}`)).size).toBe(mutations.length)
    const packages = new Set(mutations.map(({ file }) => file.split('/')[1]))
    expect([...packages].sort()).toEqual(['client', 'protocol', 'server'])
  })
})

describe('breaking a source', () => {
  const mutation = { file: 'a.ts', from: 'a', to: '$&$1' }

  test('replaces what stands there once, by the very text', () => {
    expect(mutated('x a y', mutation)).toBe('x $&$1 y')
  })

  test.each(['x', 'a a'])('refuses %j, where it does not stand once', (source) => {
    expect(() => mutated(source, mutation)).toThrow('a.ts holds "a"')
  })
})
