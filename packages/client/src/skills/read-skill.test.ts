import { describe, expect, test } from 'bun:test'
import { connect } from '../connect.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { ERAS } from '../testing/scripted-server.test.kit.ts'
import type { SkillEntry } from './entry.ts'
import { getSkill, listSkills } from './list-skills.ts'
import { readDirectory } from './read-directory.ts'
import { readFile } from './read-file.ts'
import { readSkill } from './read-skill.ts'
import { entryFor, FILES, FORMS_URI, SKILL_TEXT, SKILL_URI, skillServer } from './skill-server.test.kit.ts'

const HONEST = await entryFor(FILES)
const [SKILL_FILE, FORMS_FILE] = HONEST.resources === 'dynamic' ? [] : HONEST.resources

/** What reading a skill says when its server tells this entry and has these files, and what was read for it. */
async function refusal(
  entry: unknown,
  files: Record<string, unknown> = {},
  reference?: string,
): Promise<{ error: unknown; reads: unknown[] }> {
  const server = skillServer({ entries: [entry], files: { ...FILES, ...files } })
  await using client = await connect(server)
  const [listed] = await listSkills(client)
  if (listed === undefined) throw new Error('nothing was listed')
  const error = await failure(reference === undefined ? readSkill(client, listed) : readFile(client, listed, reference))
  return { error, reads: server.reads }
}

describe.each([...ERAS])('in the %s era', (era) => {
  test('all pages are listed, and no file is read for it', async () => {
    const other = { ...HONEST, uri: 'skill://acme/pdf/SKILL.md' }
    const server = skillServer({ era, entries: [HONEST, other] })
    await using client = await connect(server)
    expect(await listSkills(client)).toEqual([HONEST, other])
    expect(server.reads).toEqual([])
  })

  test('a skill is read by its entry, and its files when they are needed', async () => {
    const server = skillServer({ era, entries: [HONEST] })
    await using client = await connect(server)
    const [entry] = await listSkills(client)
    const skill = await readSkill(client, entry ?? '')
    expect(skill).toMatchObject({ entry, name: 'pdf', description: 'Work with PDF', instructions: '# How\n' })
    expect(server.reads).toEqual([SKILL_URI])
    expect((await skill.read('./references/FORMS.md')).text).toBe('# Forms\n')
    expect(server.reads).toEqual([SKILL_URI, FORMS_URI])
  })

  test('a skill is read by its uri alone, listed or not', async () => {
    const server = skillServer({ era, entries: [HONEST] })
    await using client = await connect(server)
    expect((await readSkill(client, SKILL_URI)).entry).toEqual(HONEST)
    expect(server.methods.filter((method) => method?.startsWith('skills/'))).toEqual(['skills/get'])
  })
})

describe('a SKILL.md that is not what its entry says is refused', () => {
  test('by its size', async () => {
    const { error, reads } = await refusal(HONEST, { [SKILL_URI]: `${SKILL_TEXT}more` })
    expect(error).toMatchObject({ name: 'SkillError', code: 'size', uri: SKILL_URI })
    expect(reads).toEqual([SKILL_URI])
  })

  test('by its digest', async () => {
    const { error } = await refusal(HONEST, { [SKILL_URI]: SKILL_TEXT.replace('How', 'Now') })
    expect(error).toMatchObject({ code: 'digest', uri: SKILL_URI })
    expect(String(error)).toContain(SKILL_FILE?.digest ?? '?')
  })

  test.each<[string, unknown, string]>([
    ['another value', { ...HONEST.frontmatter, description: 'Harmless' }, '$.description'],
    ['a key of its own', { name: 'pdf', description: 'Work with PDF' }, '$.metadata'],
    ['a key that only the entry has', { ...HONEST.frontmatter, license: 'MIT' }, '$.license'],
    ['another list', { ...HONEST.frontmatter, metadata: { tags: ['a'] } }, '$.metadata.tags'],
    ['another item', { ...HONEST.frontmatter, metadata: { tags: ['a', 'c'] } }, '$.metadata.tags[1]'],
    ['another kind of value', { ...HONEST.frontmatter, metadata: 'x' }, '$.metadata'],
  ])('by its frontmatter: %s', async (_, frontmatter, place) => {
    const { error, reads } = await refusal({ ...HONEST, frontmatter })
    expect(error).toMatchObject({ code: 'frontmatter', uri: SKILL_URI })
    expect(String(error)).toContain(place)
    expect(reads).toEqual([SKILL_URI])
  })

  test.each([['# no frontmatter'], ['---\nname: pdf\n'], ['---\nname: [\n---\n'], ['---\n- a\n---\n']])(
    'by its frontmatter: %j',
    async (text) => {
      const files = { ...FILES, [SKILL_URI]: text }
      const { error } = await refusal(await entryFor(files), files)
      expect(error).toMatchObject({ code: 'frontmatter' })
    },
  )

  test('as bytes that are no text', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe)
    const { error } = await refusal(await entryFor({ ...FILES, [SKILL_URI]: bytes }), { [SKILL_URI]: bytes })
    expect(error).toMatchObject({ code: 'unreadable' })
  })

  test('the order of keys, quotes and a byte order mark make no difference', async () => {
    const text = '\uFEFF---\r\nmetadata: {"tags": ["a", b]}\r\ndescription: "Work with PDF"\r\nname: pdf\r\n---\r\nrest'
    const files = { ...FILES, [SKILL_URI]: text }
    await using client = await connect(skillServer({ entries: [await entryFor(files)], files }))
    expect((await readSkill(client, SKILL_URI)).instructions).toBe('rest')
  })

  test('aliases that make few lines into very many are not walked', async () => {
    const levels = Array.from({ length: 40 }, (_, n) => `k${n}: &a${n} [${n === 0 ? 'x' : `*a${n - 1}, *a${n - 1}`}]`)
    const text = `---\nname: pdf\ndescription: Work with PDF\n${levels.join('\n')}\n---\n`
    const files = { ...FILES, [SKILL_URI]: text }
    const { error } = await refusal(await entryFor(files), files)
    expect(error).toMatchObject({ code: 'frontmatter' })
  })
})

describe('after a failure', () => {
  test('nothing more is read by that entry, and a new one begins anew', async () => {
    const files: Record<string, unknown> = { ...FILES, [SKILL_URI]: `${SKILL_TEXT}more` }
    const server = skillServer({ entries: [HONEST], files })
    await using client = await connect(server)
    const [entry] = await listSkills(client)
    if (entry === undefined) throw new Error('nothing was listed')
    const first = await failure(readSkill(client, entry))
    expect(await failure(readSkill(client, entry))).toBe(first)
    expect(await failure(readFile(client, entry, FORMS_URI))).toBe(first)
    expect(server.reads).toEqual([SKILL_URI])
    files[SKILL_URI] = SKILL_TEXT
    expect((await readSkill(client, SKILL_URI)).name).toBe('pdf')
  })

  test('of the way, the same entry may be read again', async () => {
    const files: Record<string, unknown> = { ...FILES, [FORMS_URI]: undefined }
    await using client = await connect(skillServer({ entries: [HONEST], files }))
    const skill = await readSkill(client, SKILL_URI)
    expect(await failure(skill.read(FORMS_URI))).toMatchObject({ name: 'RpcError', code: -32602 })
    files[FORMS_URI] = FILES[FORMS_URI]
    expect((await skill.read(FORMS_URI)).text).toBe('# Forms\n')
  })
})

describe('a file', () => {
  test('of bytes is given as bytes, and as text only where it is text', async () => {
    const uri = 'skill://pdf/logo.png'
    const bytes = Uint8Array.of(1, 2, 0xff, 0)
    const files = { ...FILES, [uri]: bytes, [FORMS_URI]: new TextEncoder().encode('Grüße') }
    await using client = await connect(skillServer({ entries: [await entryFor(files)], files }))
    const skill = await readSkill(client, SKILL_URI)
    expect(await skill.read('logo.png')).toEqual({ uri, bytes, text: undefined })
    expect((await skill.read('references/FORMS.md')).text).toBe('Grüße')
  })

  test('is verified before it is given out', async () => {
    const { error } = await refusal(HONEST, { [FORMS_URI]: '# Farms\n' }, 'references/FORMS.md')
    expect(error).toMatchObject({ code: 'digest', uri: FORMS_URI })
  })

  test('that is the SKILL.md has its frontmatter verified on this way, too', async () => {
    const entry = { ...HONEST, frontmatter: { ...HONEST.frontmatter, description: 'Harmless' } }
    expect((await refusal(entry, {}, 'SKILL.md')).error).toMatchObject({ code: 'frontmatter' })
  })

  test.each([
    ['references/OTHER.md'],
    ['../pdf/references/FORMS.md'],
    ['/../../etc/passwd'],
    ['skill://other/SKILL.md'],
    [''],
    ['constructor'],
  ])('that the entry does not list is not read: %j', async (reference) => {
    const { error, reads } = await refusal(HONEST, {}, reference)
    expect(error).toMatchObject({ code: 'unlisted' })
    expect(reads).toEqual([])
  })

  test.each([
    [[]],
    [[{ uri: 'skill://pdf/other', text: '# Forms\n' }]],
    [
      [
        { uri: FORMS_URI, text: '# Forms\n' },
        { uri: FORMS_URI, text: '# Forms\n' },
      ],
    ],
    [[{ uri: FORMS_URI, blob: '!' }]],
  ])('that is read as something else is refused: %j', async (contents) => {
    const { error } = await refusal(HONEST, { [FORMS_URI]: contents }, FORMS_URI)
    expect(error).toMatchObject({ code: 'unreadable', uri: FORMS_URI })
  })
})

describe('an entry', () => {
  const broken = (change: object): unknown => ({ ...HONEST, ...change })
  const listing = (...files: unknown[]): unknown => broken({ resources: [SKILL_FILE, ...files] })

  test.each<[string, unknown, string]>([
    ['without files', broken({ resources: undefined }), 'resources'],
    ['that does not list its SKILL.md', broken({ resources: [FORMS_FILE] }), 'SKILL.md'],
    ['that lists a file twice', listing(FORMS_FILE, FORMS_FILE), 'resources[2]'],
    ['with a file without a digest', listing({ ...FORMS_FILE, digest: 'md5:1' }), 'digest'],
    ['with a file without a size', listing({ ...FORMS_FILE, size: '8' }), 'size'],
    ['with a file elsewhere', listing({ ...FORMS_FILE, uri: 'file:///etc/passwd' }), 'folder'],
    ['with a file that leads out', listing({ ...FORMS_FILE, uri: 'skill://pdf/../x/a.md' }), 'folder'],
    ['with a file that leads out in disguise', listing({ ...FORMS_FILE, uri: 'skill://pdf/%2e%2E/x/a.md' }), 'folder'],
    ['with a file of a disguised slash', listing({ ...FORMS_FILE, uri: 'skill://pdf/a%2Fb.md' }), 'folder'],
    ['with a file of a malformed escape', listing({ ...FORMS_FILE, uri: 'skill://pdf/%zz' }), 'folder'],
    ['with a file that is none', listing(null), 'resources[1]'],
    ['of another name than its folder', broken({ frontmatter: { ...HONEST.frontmatter, name: 'pdfs' } }), '"pdf"'],
    ['at no SKILL.md', broken({ uri: 'skill://pdf/README.md' }), 'SKILL.md'],
    ['at a SKILL.md without a folder', broken({ uri: 'skill:///SKILL.md' }), 'SKILL.md'],
  ])('%s is refused before anything is read', async (_, entry, word) => {
    const { error, reads } = await refusal(entry)
    expect(error).toMatchObject({ name: 'SkillError', code: 'invalid_entry' })
    expect(String(error)).toContain(word)
    expect(reads).toEqual([])
  })

  test('that nothing can be verified by, or too much, is refused', async () => {
    const many = Array.from({ length: 512 }, (_, n) => ({ ...FORMS_FILE, uri: `skill://pdf/${n}.md` }))
    for (const entry of [
      broken({ resources: 'dynamic' }),
      listing(...many),
      listing({ ...FORMS_FILE, size: 16 * 1024 * 1024 }),
    ]) {
      const { error, reads } = await refusal(entry)
      expect(error).toMatchObject({ code: 'unverifiable', uri: SKILL_URI })
      expect(reads).toEqual([])
    }
  })

  test('that is none fails the list, or the question for it', async () => {
    for (const entry of [null, {}, { uri: SKILL_URI }, { uri: SKILL_URI, frontmatter: { name: 'pdf' } }]) {
      await using client = await connect(skillServer({ entries: [entry] }))
      expect(await failure(listSkills(client))).toMatchObject({ name: 'InvalidResultError', method: 'skills/list' })
      expect(await failure(getSkill(client, SKILL_URI))).toMatchObject({ name: 'InvalidResultError' })
    }
    await using client = await connect(skillServer({ entries: [HONEST] }))
    expect(await failure(getSkill(client, 'skill://x/SKILL.md'))).toMatchObject({ method: 'skills/get' })
  })
})

describe('a folder', () => {
  test('is read page by page', async () => {
    await using client = await connect(skillServer({ settings: { directoryRead: true } }))
    const children = await readDirectory(client, 'skill://pdf/references')
    expect(children.map(({ name, mimeType }) => [name, mimeType])).toEqual([
      ['deep', 'inode/directory'],
      ['FORMS.md', undefined],
    ])
  })

  test('is not asked for where the server has not declared it', async () => {
    const server = skillServer()
    await using client = await connect(server)
    expect(await failure(readDirectory(client, 'skill://pdf'))).toMatchObject({ code: 'unsupported' })
    expect(server.methods).not.toContain('resources/directory/read')
  })
})

test('a server that declares no skills is asked for none', async () => {
  const server = skillServer({ settings: null, entries: [HONEST] })
  await using client = await connect(server)
  const entry: SkillEntry = HONEST
  for (const asked of [
    listSkills(client),
    getSkill(client, SKILL_URI),
    readSkill(client, entry),
    readDirectory(client, 'x'),
  ]) {
    expect(await failure(asked)).toMatchObject({ code: 'unsupported' })
  }
  expect(server.methods).toEqual(['server/discover'])
})
