import { describe, expect, test } from 'bun:test'
import { mkdirSync, symlinkSync } from 'node:fs'
import { skillText, testFolder } from '../../test/skill-folder.ts'
import { limitsOf, skillsIn } from './folders.ts'
import { namespaceOf } from './namespace.ts'
import { skills } from './skills.ts'

const LIMITS = limitsOf({})

describe('what is found', () => {
  test('is the skill in a folder, under the name of the folder', () => {
    using folder = testFolder({ 'my-skill/SKILL.md': skillText('my-skill'), 'my-skill/b/a.txt': 'x' })
    mkdirSync(folder.at('my-skill/empty'))
    const [skill, ...others] = skillsIn(folder.at('my-skill'), LIMITS)
    expect(others).toEqual([])
    expect(skill?.uri).toBe('skill://my-skill/SKILL.md')
    expect(skill?.files.map(({ path }) => path.join('/'))).toEqual(['SKILL.md', 'b/a.txt'])
    const { folders } = namespaceOf(skill === undefined ? [] : [skill], undefined)
    expect(folders.get('skill://my-skill/empty')).toEqual([])
  })

  test('or all skills under it, under their paths and a prefix', () => {
    using folder = testFolder({
      'one/SKILL.md': skillText('one'),
      'acme/billing/refunds/SKILL.md': skillText('refunds'),
      'acme/README.md': 'no skill',
    })
    const uris = (path: Parameters<typeof skillsIn>[0]): string[] => skillsIn(path, LIMITS).map(({ uri }) => uri)
    expect(uris(folder.path)).toEqual(['skill://acme/billing/refunds/SKILL.md', 'skill://one/SKILL.md'])
    expect(uris({ path: folder.path, prefix: 'x/y' })).toContain('skill://x/y/one/SKILL.md')
  })

  test('a SKILL.md inside a skill is one of its files', () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/templates/SKILL.md': 'anything' })
    const found = skillsIn(folder.path, LIMITS)
    expect(found.map(({ uri }) => uri)).toEqual(['skill://a/SKILL.md'])
    expect(found[0]?.files).toHaveLength(2)
  })

  test('hidden files and folders are not there', () => {
    using folder = testFolder({
      'a/SKILL.md': skillText('a'),
      'a/.env': 'SECRET=1',
      'a/.git/config': 'x',
      '.hidden/b/SKILL.md': skillText('b'),
    })
    const found = skillsIn(folder.path, LIMITS)
    expect(found.flatMap(({ files }) => files.map(({ path }) => path.join('/')))).toEqual(['SKILL.md'])
  })
})

describe('what is refused, naming the file', () => {
  test('a folder that is not there, a file, and one without skills', () => {
    using folder = testFolder({ 'a.txt': 'x' })
    expect(() => skillsIn(folder.at('none'), LIMITS)).toThrow(`${folder.at('none')} cannot be read`)
    expect(() => skillsIn(folder.at('a.txt'), LIMITS)).toThrow(`${folder.at('a.txt')} cannot be read`)
    expect(() => skills({ folders: [folder.path] })).toThrow('no SKILL.md lies in it or under it')
  })

  test('a name that is not the name of its folder', () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('b') })
    expect(() => skillsIn(folder.path, LIMITS)).toThrow(
      `skill ${folder.at('a')}: SKILL.md says name: b, but its folder is called "a"`,
    )
  })

  test('a link out of the skill, to a hidden file, to nowhere, or to a folder [MCP-219]', () => {
    using outside = testFolder({ secret: 'x', 'folder/x': 'x' })
    const targets = [outside.at('secret'), '../secret', '.env', 'nothing', outside.at('folder'), 'inner', '.']
    for (const target of targets) {
      using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/.env': 'x', 'a/inner/x': 'x', secret: 'x' })
      symlinkSync(target, folder.at('a/link.txt'))
      expect(() => skillsIn(folder.path, LIMITS)).toThrow(folder.at('a/link.txt'))
    }
  })

  test('a folder of a skill or of skills that is a link', () => {
    using outside = testFolder({ 'b/SKILL.md': skillText('b'), 'README.md': 'x' })
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    symlinkSync(outside.at('README.md'), folder.at('README.md'))
    expect(skillsIn(folder.path, LIMITS)).toHaveLength(1)
    symlinkSync(outside.at('b'), folder.at('b'))
    expect(() => skillsIn(folder.path, LIMITS)).toThrow(`${folder.at('b')} is a link to a folder`)
  })

  test('what is no plain file, without waiting for it', () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    expect(Bun.spawnSync(['mkfifo', folder.at('a/pipe')]).exitCode).toBe(0)
    expect(() => skillsIn(folder.path, LIMITS)).toThrow(`${folder.at('a/pipe')} is no plain file`)
  })

  test.each([
    ['maxFiles', 'a/big.txt', { maxFiles: 2 }],
    ['maxBytes', 'a/big.txt', { maxBytes: 100 }],
    ['maxDepth', 'a/b/c/d', { maxDepth: 2 }],
    ['maxEntries', 'a/b/c/d', { maxEntries: 6 }],
  ])('what is past %s', (name, file, limits) => {
    using folder = testFolder({
      'a/SKILL.md': skillText('a'),
      'a/b/c/d/e.txt': 'x',
      'a/big.txt': 'x'.repeat(200),
    })
    expect(skillsIn(folder.path, LIMITS)).toHaveLength(1)
    expect(() => skillsIn(folder.path, limitsOf(limits))).toThrow(`${folder.at(file)} is past ${name} (`)
  })
})

test('a link to a file inside the skill is that file', () => {
  using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/x/real.txt': 'content' })
  symlinkSync('x/real.txt', folder.at('a/link.txt'))
  const [skill] = skillsIn(folder.path, LIMITS)
  const link = skill?.files.find(({ path }) => path.join('/') === 'link.txt')
  expect(Buffer.from(link?.bytes ?? []).toString()).toBe('content')
})
