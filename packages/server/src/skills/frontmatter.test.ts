import { describe, expect, test } from 'bun:test'
import { readFrontmatter, writeFrontmatter } from './frontmatter.ts'

function read(yaml: string): unknown {
  return readFrontmatter(`---\n${yaml}\n---\nbody`, 'x: SKILL.md')
}

describe('what is read', () => {
  test('is every key its author wrote, as JSON', () => {
    const yaml =
      'name: a-b2\ndescription: >-\n  one\n  two\nlicense: MIT\nmetadata:\n  version: "1.0"\n  deep: [1, true, null, 2.5]\nallowed-tools: Bash(git:*) Read'
    expect(read(yaml)).toEqual({
      name: 'a-b2',
      description: 'one two',
      license: 'MIT',
      metadata: { version: '1.0', deep: [1, true, null, 2.5] },
      'allowed-tools': 'Bash(git:*) Read',
    })
  })

  test('may begin with a byte order mark, have other line ends, and end with the file', () => {
    const text = '\uFEFF---\r\nname: a\r\ndescription: d\r\n---'
    expect(readFrontmatter(text, 'x')).toEqual({ name: 'a', description: 'd' })
  })

  test('keys that objects are born with are keys like any other', () => {
    const frontmatter = read('name: a\ndescription: d\nconstructor: 1\nmetadata:\n  __proto__: {x: 1}')
    expect(JSON.stringify(frontmatter)).toBe(
      '{"name":"a","description":"d","constructor":1,"metadata":{"__proto__":{"x":1}}}',
    )
  })
})

describe('what is refused', () => {
  test.each([
    ['no frontmatter', '# Title', /must begin with frontmatter/],
    ['an open end', '---\nname: a\ndescription: d\n', /must begin with frontmatter/],
    ['text before it', '\n---\nname: a\ndescription: d\n---\n', /must begin with frontmatter/],
    ['an end too far away', `---\nname: a\ndescription: d\n#${'x'.repeat(70_000)}\n---\n`, /at most 65536 characters/],
    ['what is no YAML', '---\nname: a: b: c\n---\n', /frontmatter could not be read/],
    ['a list', '---\n- name: a\n---\n', /must be a mapping/],
    ['no name', '---\ndescription: d\n---\n', /name must be .* got undefined/],
    ['a name that is a number', '---\nname: 12\ndescription: d\n---\n', /name must be .* got 12/],
    ['no description', '---\nname: a\n---\n', /description must be .* got undefined/],
    ['a blank description', '---\nname: a\ndescription: " "\n---\n', /description must be/],
    [
      'a long description',
      `---\nname: a\ndescription: ${'d'.repeat(1025)}\n---\n`,
      /at most 1024 characters, got 1025/,
    ],
    ['a key given twice', '---\nname: a\ndescription: d\nname: b\n---\n', /the key "name" twice/],
    ['a merge key', '---\nname: a\ndescription: d\n<<: {license: MIT}\n---\n', /merge key/],
    ['a number past exactness', '---\nname: a\ndescription: d\nn: 9007199254740993\n---\n', /\$\.n is the number/],
    ['what is no number', '---\nname: a\ndescription: d\nn: [.nan]\n---\n', /\$\.n\[0\] is the number NaN/],
    ['a circle', '---\nname: a\ndescription: d\nn: &n [*n]\n---\n', /nests more than 64 deep/],
  ])('%s, naming the file', (_case, text, message) => {
    expect(() => readFrontmatter(text, 'skill /s/a: SKILL.md')).toThrow(message)
    expect(() => readFrontmatter(text, 'skill /s/a: SKILL.md')).toThrow(/^skill \/s\/a: SKILL\.md: /)
  })

  test.each(['', 'A', 'a_b', '-a', 'a-', 'a--b', 'a b', 'ä', 'a/b', '..', 'a'.repeat(65)])('the name %p', (name) => {
    expect(() => read(`name: ${JSON.stringify(name)}\ndescription: d`)).toThrow(/name must be 1 to 64 of a-z/)
  })

  test('few lines that stand for very many values', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`)
    const yaml = ['name: a', 'description: d', 'l0: &l0 [x, x]', ...levels].join('\n')
    expect(() => read(yaml)).toThrow(/^x: SKILL\.md: /)
  })
})

test('what is written is read back the same, whatever it holds', () => {
  const frontmatter = {
    name: 'a',
    description: 'Use this: "when" # not\n---\n\u0085\u2028\uFEFF\u007F😀',
    yes: 'no',
    '<<': 'x',
    'a: b': [' ', '~', '2024-01-01', { 'deep key': null, n: -1.5e-7 }],
    metadata: { version: '1.0', constructor: true },
  }
  expect(readFrontmatter(writeFrontmatter(frontmatter), 'x')).toEqual(frontmatter)
})
