import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createPeer, isJsonObject, type JsonObject, memoryChannelPair } from '@bao-mcp/protocol/engine'
import { CLIENT_INFO, eachEra, HANDSHAKES, NEWEST_HANDSHAKE, type Open, openPair } from '../../test/kit.ts'
import { skillText, testFolder } from '../../test/skill-folder.ts'
import { serveChannel } from '../connection.ts'
import { resource } from '../registry/resource.ts'
import { createServer, type Server } from '../server.ts'
import { type SkillsOptions, skills } from './index.ts'

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255])
const FILES = {
  'SKILL.md': skillText('pdf', 'Read `references/FORMS.md`.\n'),
  'references/FORMS.md': '# Forms: ä\r\n',
  'assets/logo.png': PNG,
  'notes and more': 'plain',
}

const PDF = { path: 'office/pdf', files: FILES }
const DECLARED = { resources: {}, extensions: { 'io.modelcontextprotocol/skills': { directoryRead: true } } }

function serverWith(options: SkillsOptions): Server {
  return createServer({ name: 's', version: '1', extensions: [skills(options)] })
}

function pdfServer(more: Omit<SkillsOptions, 'skills'> = {}): Server {
  return serverWith({ skills: [PDF], ...more })
}

function listOf(result: JsonObject, member: string): JsonObject[] {
  const list: unknown = result[member]
  return Array.isArray(list) ? list.filter(isJsonObject) : []
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** The bytes that a read gave. */
function bytesOf(result: JsonObject): Uint8Array {
  const [{ text, blob } = {}] = listOf(result, 'contents')
  return typeof text === 'string' ? Buffer.from(text) : Buffer.from(String(blob), 'base64')
}

eachEra((era, open: Open) => {
  test('lists a skill with its frontmatter and all its files', async () => {
    await using pair = await open(pdfServer())
    const { skills: listed } = await pair.request('skills/list')
    expect(listed).toEqual([
      {
        uri: 'skill://office/pdf/SKILL.md',
        frontmatter: { name: 'pdf', description: 'When pdf is needed' },
        resources: [
          ['skill://office/pdf/SKILL.md', FILES['SKILL.md']] as const,
          ['skill://office/pdf/references/FORMS.md', FILES['references/FORMS.md']] as const,
          ['skill://office/pdf/assets/logo.png', PNG] as const,
          ['skill://office/pdf/notes%20and%20more', 'plain'] as const,
        ].map(([uri, content]) => ({ uri, digest: sha256(content), size: Buffer.from(content).length })),
      },
    ])
  })

  test('every file that an entry lists is read with the bytes of its digest', async () => {
    await using pair = await open(pdfServer())
    const [entry = {}] = listOf(await pair.request('skills/list'), 'skills')
    const files = listOf(entry, 'resources')
    expect(files).toHaveLength(4)
    for (const { uri, digest, size } of files) {
      const bytes = bytesOf(await pair.request('resources/read', { uri: String(uri) }))
      const read: JsonObject = { digest: sha256(bytes), size: bytes.length }
      expect(read).toEqual({ digest, size })
    }
  })

  test('reads text as text and bytes as a blob, each with its type', async () => {
    await using pair = await open(pdfServer())
    const read = async (path: string): Promise<unknown> =>
      (await pair.request('resources/read', { uri: `skill://office/pdf/${path}` })).contents
    expect(await read('SKILL.md')).toEqual([
      { uri: 'skill://office/pdf/SKILL.md', mimeType: 'text/markdown', text: FILES['SKILL.md'] },
    ])
    expect(await read('assets/logo.png')).toEqual([
      { uri: 'skill://office/pdf/assets/logo.png', mimeType: 'image/png', blob: Buffer.from(PNG).toString('base64') },
    ])
    expect(await read('notes%20and%20more')).toMatchObject([{ mimeType: 'text/plain', text: 'plain' }])
  })

  test('lists SKILL.md among the resources as the skill it stands for', async () => {
    await using pair = await open(pdfServer())
    const listed = listOf(await pair.request('resources/list'), 'resources')
    expect(listed.find(({ uri }) => uri === 'skill://office/pdf/SKILL.md')).toMatchObject({
      name: 'pdf',
      description: 'When pdf is needed',
      mimeType: 'text/markdown',
    })
    expect(listed.find(({ uri }) => uri === 'skill://office/pdf/references/FORMS.md')?.name).toBe('FORMS.md')
  })

  test('gets one skill by its URI, as it is listed', async () => {
    await using pair = await open(pdfServer())
    const [entry] = listOf(await pair.request('skills/list'), 'skills')
    const got = await pair.request('skills/get', { uri: 'skill://office/pdf/SKILL.md' })
    expect(got.skill).toEqual(entry)
    expect(got).not.toHaveProperty('nextCursor')
  })

  test.each([
    'skill://office/pdf/assets/logo.png',
    'skill://office/pdf',
    'skill://office/other/SKILL.md',
    'skill://office/pdf/../pdf/SKILL.md',
    'SKILL.md',
    '',
    undefined,
    7,
  ])('skills/get of %p, which is no skill, is refused with -32602', async (uri) => {
    await using pair = await open(pdfServer())
    expect(await errorOf(pair.request('skills/get', { uri }))).toMatchObject({ code: -32602 })
  })

  test('reads directories level by level, from the prefix down', async () => {
    await using pair = await open(pdfServer())
    const read = async (uri: string): Promise<unknown> =>
      (await pair.request('resources/directory/read', { uri })).resources
    expect(await read('skill://office')).toEqual([
      { uri: 'skill://office/pdf', name: 'pdf', mimeType: 'inode/directory' },
    ])
    expect(await read('skill://office/pdf')).toMatchObject([
      { uri: 'skill://office/pdf/SKILL.md', name: 'pdf', mimeType: 'text/markdown' },
      { uri: 'skill://office/pdf/assets', name: 'assets', mimeType: 'inode/directory' },
      { uri: 'skill://office/pdf/notes%20and%20more', name: 'notes and more' },
      { uri: 'skill://office/pdf/references', name: 'references', mimeType: 'inode/directory' },
    ])
    expect(await read('skill://office/pdf/assets')).toMatchObject([{ name: 'logo.png', mimeType: 'image/png' }])
  })

  test.each([
    'skill://office/pdf/SKILL.md',
    'skill://office/pdf/',
    'skill://office/pdf/none',
    'skill://office/pdf/assets/..',
    'skill://office/pdf/%2e%2e',
    'skill://office/pdf/../../../etc',
    'skill://',
    'file:///etc',
    '__proto__',
    '',
    null,
    undefined,
  ])('resources/directory/read of %p, which is no directory, is refused with -32602', async (uri) => {
    await using pair = await open(pdfServer())
    expect(await errorOf(pair.request('resources/directory/read', { uri }))).toMatchObject({ code: -32602 })
  })

  test.each([
    'skill://office/pdf/../../../etc/passwd',
    'skill://office/pdf/%2e%2e/%2e%2e/etc/passwd',
    'skill://office/pdf/references%2fFORMS.md',
    'skill://office/pdf/references/./FORMS.md',
    'skill://office/pdf/notes and more',
    'skill://office/pdf',
  ])('resources/read of %p finds nothing [MCP-219]', async (uri) => {
    await using pair = await open(pdfServer())
    expect(await errorOf(pair.request('resources/read', { uri }))).toMatchObject({
      code: era === 'modern' ? -32602 : -32002,
    })
  })

  test('the list of skills comes in pages, no entry twice', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const defined = names.map((name) => ({ name, description: 'd', instructions: '' }))
    await using pair = await open(serverWith({ skills: defined, pageSize: 2 }))
    const seen: unknown[] = []
    let cursor: unknown
    do {
      const page = await pair.request('skills/list', cursor === undefined ? {} : { cursor })
      seen.push(...listOf(page, 'skills').map(({ uri }) => uri))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(seen).toEqual(names.map((name) => `skill://${name}/SKILL.md`))
  })

  test('a directory comes in pages, each child once', async () => {
    await using pair = await open(pdfServer({ pageSize: 3 }))
    const uri = 'skill://office/pdf'
    const first = await pair.request('resources/directory/read', { uri })
    const second = await pair.request('resources/directory/read', { uri, cursor: first.nextCursor })
    const names = [first, second].map((page) => listOf(page, 'resources').map(({ name }) => name))
    expect(names).toEqual([['pdf', 'assets', 'notes and more'], ['references']])
    expect(second).not.toHaveProperty('nextCursor')
  })

  test.each(['', 'nonsense', btoa('child:%E0%A4%A'), btoa('after:1x'), 5, {}])(
    'the cursor %p, which nothing gave out, is refused with -32602 [MCP-166]',
    async (cursor) => {
      await using pair = await open(pdfServer())
      expect(await errorOf(pair.request('skills/list', { cursor }))).toMatchObject({ code: -32602 })
      const asked = pair.request('resources/directory/read', { uri: 'skill://office/pdf', cursor })
      expect(await errorOf(asked)).toMatchObject({ code: -32602 })
    },
  )

  test('tells subscribers of a file that reload found changed, and serves new digests', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/x.txt': 'old', 'b/SKILL.md': skillText('b') })
    const extension = skills({ folders: [folder.path] })
    await using pair = await open(createServer({ name: 's', version: '1', extensions: [extension] }))
    await pair.request('skills/list')
    if (era === 'legacy') await pair.request('resources/subscribe', { uri: 'skill://a/x.txt' })
    folder.write({ 'a/x.txt': 'new', 'c/SKILL.md': skillText('c') })
    extension.reload()
    if (era === 'legacy') {
      const updated = await pair.noticed(({ method }) => method === 'notifications/resources/updated')
      expect(updated.params).toEqual({ uri: 'skill://a/x.txt' })
      await pair.noticed(({ method }) => method === 'notifications/resources/list_changed')
    }
    const listed = listOf(await pair.request('skills/list'), 'skills')
    expect(listed.map(({ uri }) => uri)).toEqual(['skill://a/SKILL.md', 'skill://b/SKILL.md', 'skill://c/SKILL.md'])
    expect(listed[0]?.resources).toContainEqual({ uri: 'skill://a/x.txt', digest: sha256('new'), size: 3 })
    expect(bytesOf(await pair.request('resources/read', { uri: 'skill://a/x.txt' }))).toEqual(Buffer.from('new'))
  })
})

describe('what is declared', () => {
  test.each(HANDSHAKES)('the extension and resources, in the handshake of %s', async (version) => {
    const [left, right] = memoryChannelPair()
    serveChannel(pdfServer(), right)
    await using _end = { [Symbol.asyncDispose]: () => left.close() }
    const client = createPeer(left, { request: () => ({}), notice() {} })
    const params = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT_INFO }
    expect((await client.request('initialize', params)).capabilities).toMatchObject(DECLARED)
    await client.notify('notifications/initialized')
    expect(listOf(await client.request('skills/list'), 'skills')).toHaveLength(1)
  })

  test('the extension and resources, in server/discover', async () => {
    await using pair = await openPair(pdfServer())
    expect((await pair.request('server/discover')).capabilities).toMatchObject(DECLARED)
  })

  test('a server without the extension knows none of its methods [MCP-104]', async () => {
    await using pair = await openPair(createServer({ name: 's', version: '1' }))
    for (const method of ['skills/list', 'skills/get', 'resources/directory/read']) {
      expect(await errorOf(pair.request(method, { uri: 'skill://a' }))).toMatchObject({ code: -32601 })
    }
  })
})

describe('cache hints', () => {
  test('entries carry the hint that was given, in the modern era', async () => {
    const cache = { ttlMs: 5000, cacheScope: 'public' } as const
    await using pair = await openPair(pdfServer({ cache }))
    const uri = 'skill://office/pdf/SKILL.md'
    expect(await pair.request('skills/list')).toMatchObject(cache)
    expect(await pair.request('skills/get', { uri })).toMatchObject({ ...cache, resultType: 'complete' })
    expect(await pair.request('resources/read', { uri })).toMatchObject(cache)
  })

  test('without one, nothing may be kept', async () => {
    await using pair = await openPair(pdfServer())
    const hint = { ttlMs: 0, cacheScope: 'private' }
    expect(await pair.request('skills/list')).toMatchObject(hint)
    expect(await pair.request('skills/get', { uri: 'skill://office/pdf/SKILL.md' })).toMatchObject(hint)
  })

  test('the legacy era has none', async () => {
    await using pair = await openPair(pdfServer({ cache: { ttlMs: 1, cacheScope: 'public' } }), {
      version: NEWEST_HANDSHAKE,
    })
    expect(Object.keys(await pair.request('skills/list'))).toEqual(['skills'])
  })
})

describe('the definition', () => {
  test('is shared by any number of servers, and reload reaches them all', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    const extension = skills({ folders: [folder.path] })
    const servers = ['one', 'two'].map((name) => createServer({ name, version: '1', extensions: [extension] }))
    folder.write({ 'a/SKILL.md': skillText('a', 'other') })
    extension.reload()
    for (const server of servers) {
      await using pair = await openPair(server)
      const read = await pair.request('resources/read', { uri: 'skill://a/SKILL.md' })
      expect(Buffer.from(bytesOf(read)).toString()).toBe(skillText('a', 'other'))
    }
  })

  test('refuses a resource that has the URI of a file, and one without any skills', () => {
    const taken = resource({ uri: 'skill://office/pdf/SKILL.md', name: 'x', read: () => '' })
    const extensions = [skills({ skills: [PDF] })]
    expect(() => createServer({ name: 's', version: '1', resources: [taken], extensions })).toThrow(/already is/)
    expect(() => skills({})).toThrow('skills() needs folders or skills')
    expect(() => skills({ skills: [PDF], pageSize: 0 })).toThrow('pageSize must be at least 1')
  })

  test('reload that fails changes nothing, and says which file is wrong', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    const extension = skills({ folders: [folder.path] })
    await using pair = await openPair(createServer({ name: 's', version: '1', extensions: [extension] }))
    const before = await pair.request('skills/list')
    folder.write({ 'a/SKILL.md': 'no frontmatter', 'b/SKILL.md': skillText('b') })
    expect(() => extension.reload()).toThrow(folder.at('a'))
    expect(await pair.request('skills/list')).toEqual(before)
    expect(await errorOf(pair.request('resources/read', { uri: 'skill://b/SKILL.md' }))).toMatchObject({ code: -32602 })
  })

  test('reload that would take the URI of another resource changes nothing', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/old.txt': 'x' })
    const extension = skills({ folders: [folder.path] })
    const resources = [resource({ uri: 'skill://a/new.txt', name: 'x', read: () => '' })]
    const server = createServer({ name: 's', version: '1', resources, extensions: [extension] })
    const before = server.resources.names()
    folder.remove('a/old.txt')
    folder.write({ 'a/new.txt': 'x', 'a/SKILL.md': skillText('a', 'other') })
    expect(() => extension.reload()).toThrow('there already is a resource "skill://a/new.txt"')
    expect(server.resources.names()).toEqual(before)
    await using pair = await openPair(server)
    const read = await pair.request('resources/read', { uri: 'skill://a/SKILL.md' })
    expect(Buffer.from(bytesOf(read)).toString()).toBe(skillText('a'))
  })

  test('what the code of a server removed stays removed after reload', () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a'), 'a/x.txt': 'x' })
    const extension = skills({ folders: [folder.path] })
    const server = createServer({ name: 's', version: '1', extensions: [extension] })
    server.resources.remove('skill://a/x.txt')
    folder.write({ 'a/x.txt': 'y' })
    extension.reload()
    expect(server.resources.names()).toEqual(['skill://a/SKILL.md'])
  })

  test('reload serves no more what is gone, to the last skill', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    const extension = skills({ folders: [folder.path] })
    const server = createServer({ name: 's', version: '1', extensions: [extension] })
    await using pair = await openPair(server)
    expect(listOf(await pair.request('skills/list'), 'skills')).toHaveLength(1)
    folder.remove('a')
    extension.reload()
    expect((await pair.request('skills/list')).skills).toEqual([])
    expect(server.resources.names()).toEqual([])
    expect(await errorOf(pair.request('resources/directory/read', { uri: 'skill://a' }))).toMatchObject({
      code: -32602,
    })
  })

  test('entries asked for while a reload comes are those of after it', async () => {
    using folder = testFolder({ 'a/SKILL.md': skillText('a') })
    const extension = skills({ folders: [folder.path] })
    await using pair = await openPair(createServer({ name: 's', version: '1', extensions: [extension] }))
    const asked = [pair.request('skills/list'), pair.request('skills/list')]
    await pair.barrier()
    folder.write({ 'b/SKILL.md': skillText('b') })
    extension.reload()
    const last = await pair.request('skills/list')
    expect(listOf(last, 'skills')).toHaveLength(2)
    for (const one of await Promise.all(asked)) expect(one).toHaveProperty('skills')
  })
})
