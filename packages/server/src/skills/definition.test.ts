import { describe, expect, test } from 'bun:test'
import { skillText } from '../../test/skill-folder.ts'
import { contentOf } from './content.ts'
import { type SkillDefinition, skillOf } from './definition.ts'
import { limitsOf } from './folders.ts'
import { namespaceOf } from './namespace.ts'
import type { Skill } from './skill.ts'

const LIMITS = limitsOf({})

function make(definition: SkillDefinition): Skill {
  return skillOf(definition, LIMITS)
}

function textAt(skill: Skill, path: string): unknown {
  const file = skill.files.find((one) => one.path.join('/') === path)
  return file === undefined ? undefined : contentOf(file)
}

describe('a skill composed in code', () => {
  test('has a SKILL.md made of its parts', () => {
    const skill = make({
      name: 'refunds',
      prefix: 'acme/billing',
      description: 'Refund: a customer',
      frontmatter: { license: 'MIT', metadata: { version: '1' } },
      instructions: '# Refunds\n',
      files: { 'examples/mail.md': 'Dear', 'data.bin': Uint8Array.of(0, 255) },
    })
    expect(skill.uri).toBe('skill://acme/billing/refunds/SKILL.md')
    expect(skill.frontmatter).toEqual({
      name: 'refunds',
      description: 'Refund: a customer',
      license: 'MIT',
      metadata: { version: '1' },
    })
    expect(textAt(skill, 'SKILL.md')).toBe(
      '---\nname: "refunds"\ndescription: "Refund: a customer"\nlicense: "MIT"\nmetadata: {"version":"1"}\n---\n# Refunds\n',
    )
    expect(textAt(skill, 'examples/mail.md')).toBe('Dear')
    expect(textAt(skill, 'data.bin')).toEqual(Uint8Array.of(0, 255))
  })

  test('keeps the bytes it was given when they change afterwards', () => {
    const bytes = Uint8Array.of(0, 1)
    const skill = make({ name: 'a', description: 'd', instructions: '', files: { 'x.bin': bytes } })
    bytes.fill(9)
    expect(textAt(skill, 'x.bin')).toEqual(Uint8Array.of(0, 1))
  })

  test('is refused when its parts contradict each other', () => {
    const skill = { name: 'a', description: 'd', instructions: '' }
    expect(() => make({ ...skill, frontmatter: { name: 'b' } })).toThrow(/must not repeat name/)
    expect(() => make({ ...skill, files: { 'SKILL.md': '' } })).toThrow(/must not hold SKILL\.md/)
    expect(() => make({ ...skill, frontmatter: { on: new Date(0) } })).toThrow(/\$\.on is no JSON value/)
    expect(() => make({ ...skill, name: 'No' })).toThrow(/^skill "No": name must be/)
    expect(() => make({ ...skill, instructions: '\uD800' })).toThrow(/instructions: the text is no well-formed/)
  })
})

describe('a packed skill', () => {
  test('must have a SKILL.md, whose name is the end of its path', () => {
    expect(() => make({ path: 'a', files: {} })).toThrow('skill "a": it has no SKILL.md')
    expect(() => make({ path: 'a', files: { 'skill.md': skillText('a') } })).toThrow('it has no SKILL.md')
    expect(() => make({ path: 'x/b', files: { 'SKILL.md': skillText('a') } })).toThrow(
      'skill "x/b": SKILL.md says name: a, but its folder is called "b"',
    )
    expect(() => make({ path: 'a', files: { 'SKILL.md': Uint8Array.of(0xff, 0xfe) } })).toThrow('SKILL.md is no UTF-8')
  })

  test.each(['../x', 'a/../../x', '/etc/passwd', 'a//b', './a', 'a/', '', 'a\\b', 'a\0b', 'a\nb', '..', '\uD800'])(
    'the path %p of a file is refused, and of a skill as well [MCP-219]',
    (path) => {
      expect(() => make({ path: 'a', files: { 'SKILL.md': skillText('a'), [path]: '' } })).toThrow(/is refused: /)
      expect(() => make({ path: `${path}/a`, files: { 'SKILL.md': skillText('a') } })).toThrow(/is refused: /)
      expect(() => make({ name: 'a', description: 'd', instructions: '', prefix: path })).toThrow(/is refused: /)
    },
  )

  test('past a limit it is refused by the name of the limit', () => {
    const files = { 'SKILL.md': skillText('a'), 'b/c/d.txt': 'x' }
    expect(() => skillOf({ path: 'a', files }, limitsOf({ maxFiles: 1 }))).toThrow('skill "a" is past maxFiles (1): 2')
    expect(() => skillOf({ path: 'a', files }, limitsOf({ maxBytes: 9 }))).toThrow('skill "a" is past maxBytes (9)')
    expect(() => skillOf({ path: 'a', files }, limitsOf({ maxDepth: 1 }))).toThrow('skill "a" is past maxDepth (1): 2')
    expect(() => limitsOf({ maxFiles: 0 })).toThrow('maxFiles must be at least 1, got 0')
  })
})

describe('skills beside each other', () => {
  const outer = { path: 'out', files: { 'SKILL.md': skillText('out'), 'in/SKILL.md': skillText('in') } }

  test('one that lies in another is itself, and part of the other', () => {
    const inner = make({ path: 'out/in', files: { 'SKILL.md': skillText('in') } })
    for (const order of [
      [make(outer), inner],
      [inner, make(outer)],
    ]) {
      const { skills, files, folders } = namespaceOf(order, undefined)
      expect(skills).toHaveLength(2)
      expect(files.get('skill://out/in/SKILL.md')?.resource.listed).toMatchObject({
        name: 'in',
        description: 'When in is needed',
      })
      expect(folders.get('skill://out')?.map(({ name }) => name)).toEqual(['SKILL.md', 'in'])
      expect(folders.get('skill://out/in')?.map(({ listed }) => listed.name)).toEqual(['in'])
    }
  })

  test('are refused when they cannot both be there', () => {
    const other = make({ path: 'out/in', files: { 'SKILL.md': skillText('in', 'other') } })
    expect(() => namespaceOf([make(outer), other], undefined)).toThrow(
      'skill "out" and skill "out/in" have different content at skill://out/in/SKILL.md',
    )
    expect(() => namespaceOf([make(outer), make(outer)], undefined)).toThrow('are both skill://out/SKILL.md')
    const file = make({ path: 'out', files: { 'SKILL.md': skillText('out'), in: 'a file' } })
    expect(() => namespaceOf([file, other], undefined)).toThrow('skill://out/in is a file and a folder')
  })
})

describe('types of content', () => {
  test.each([
    ['a.md', 'x', 'text/markdown', true],
    ['a.PY', 'x', 'text/x-python', true],
    ['Makefile', 'x', 'text/plain', true],
    ['a.unknown', Uint8Array.of(1, 0), 'application/octet-stream', false],
    ['a.json', Uint8Array.of(0xff), 'application/json', false],
    ['a.png', 'text all the same', 'image/png', false],
    ['a.svg', '<svg/>', 'image/svg+xml', true],
    ['bom.txt', '\uFEFFx', 'text/plain', true],
  ])('%s', (path, content, mimeType, isText) => {
    const skill = make({ name: 'a', description: 'd', instructions: '', files: { [path]: content } })
    const file = skill.files[1]
    expect(file).toMatchObject({ mimeType, isText })
    expect(file && contentOf(file)).toEqual(isText || typeof content !== 'string' ? content : Buffer.from(content))
  })
})
