import { expect, test } from 'bun:test'
import { parseToml as parseTomlOnBun } from '../bun/toml.ts'
import { parseToml } from './toml.ts'

test.each(['a = 1\n[b."c d"]\ne = ["f", "g"]\n', 'a = { b = true }', ''])(
  '%j is the same on Node and on Bun',
  (text) => {
    expect(JSON.stringify(parseToml(text))).toBe(JSON.stringify(parseTomlOnBun(text)))
  },
)

test.each([
  'a = 1\nb = hunter2',
  'a = hunter2"x"',
  'hunter2',
  'hunter2 = 1\nhunter2 = 2',
  "a = 'hunter2",
  'a = @hunter2',
])('%j is refused in words that are not those of the file', (text) => {
  for (const parse of [parseToml, parseTomlOnBun]) {
    const read = parse(text)
    expect(JSON.stringify(read)).not.toContain('hunter2')
    expect(read.kind === 'fault' && read.message).toMatch(/\w{4,}/)
  }
})

test('what is no TOML has a line on both, and no excerpt of the file', () => {
  const text = 'a = 1\nb = [1,\n2]\nc = "hunter2\nd = 2\n'
  for (const parse of [parseToml, parseTomlOnBun]) {
    const read = parse(text)
    expect(read).toMatchObject({ kind: 'fault', line: 4 })
    expect(JSON.stringify(read)).not.toContain('hunter2')
  }
})
