import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, type ConnectOptions, connect, memory, stdio } from '@bao-mcp/client'
import { getSkill, listSkills, readDirectory, readFile, readSkill, SkillError } from '@bao-mcp/client/skills'
import { createServer, serveChannel } from '@bao-mcp/server'
import { type SkillDefinition, type SkillsOptions, skills } from '@bao-mcp/server/skills'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bao-skills-client-'))
  write('How to')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes the one skill that lies in a folder. */
function write(instructions: string): void {
  const path = join(folder, 'acme', 'refunds')
  mkdirSync(join(path, 'templates'), { recursive: true })
  writeFileSync(
    join(path, 'SKILL.md'),
    `---\nname: refunds\ndescription: Give money back\nlicense: MIT\n---\n${instructions}\n`,
  )
  writeFileSync(join(path, 'templates', 'Grüße an.md'), '# Liebe Grüße\n')
  writeFileSync(join(path, 'logo.bin'), Uint8Array.of(0, 255, 1, 254))
}

const URI = 'skill://acme/refunds/SKILL.md'

/** Frontmatter that readers might disagree about. */
const odd: SkillDefinition = {
  name: 'odd',
  description: 'It is: "odd" #really\n- yes\u2028no\u007f',
  frontmatter: {
    version: '1.10',
    date: '2026-07-28',
    yes: 'no',
    on: true,
    none: null,
    'a: b': [1, -2.5, 0.1, '1e3', '0x10', '~', '', ' x ', '\uFEFF', '👍'],
    metadata: { 'io.example/deep': { list: [[], {}, [{ '': '' }]] } },
  },
  instructions: 'Say it.\n',
}

async function open(
  options: ConnectOptions = {},
  more: Partial<SkillsOptions> = {},
): Promise<Client & { reload(): void }> {
  const extension = skills({ folders: [folder], skills: [odd], pageSize: 1, ...more })
  const server = createServer({ name: 's', version: '1', extensions: [extension] })
  const client = await connect(
    memory((channel) => void serveChannel(server, channel)),
    options,
  )
  return Object.assign(client, { reload: extension.reload })
}

describe.each(['modern', 'legacy'] as const)('skills of our server, in the %s era', (pin) => {
  test('are listed, and every one of them and of their files can be read', async () => {
    await using client = await open({ pin })
    const entries = await listSkills(client)
    expect(entries.map(({ uri }) => uri)).toEqual([URI, 'skill://odd/SKILL.md'])
    for (const entry of entries) {
      const skill = await readSkill(client, entry)
      expect(skill.entry.frontmatter).toEqual(entry.frontmatter)
      expect(await getSkill(client, entry.uri)).toEqual(entry)
      if (entry.resources === 'dynamic') throw new Error('our server has digests')
      for (const { uri, size } of entry.resources) expect((await skill.read(uri)).bytes.length).toBe(size)
    }
  })

  test('are read by uri, their files by the paths that stand in them', async () => {
    await using client = await open({ pin })
    const skill = await readSkill(client, URI)
    expect([skill.name, skill.description, skill.instructions]).toEqual(['refunds', 'Give money back', 'How to\n'])
    expect((await skill.read('templates/Grüße an.md')).text).toBe('# Liebe Grüße\n')
    expect(await skill.read('logo.bin')).toMatchObject({ bytes: Uint8Array.of(0, 255, 1, 254), text: undefined })
  })

  test('have folders that can be looked into', async () => {
    await using client = await open({ pin })
    const children = await readDirectory(client, 'skill://acme/refunds')
    expect(children.map(({ name }) => name)).toEqual(['refunds', 'logo.bin', 'templates'])
    const [file] = await readDirectory(client, 'skill://acme/refunds/templates')
    expect(file?.name).toBe('Grüße an.md')
  })

  test('that changed are refused by an old entry and read by a new one, whatever is kept', async () => {
    await using client = await open({ pin }, { cache: { ttlMs: 60_000, cacheScope: 'private' } })
    const [old] = await listSkills(client)
    if (old === undefined) throw new Error('nothing is listed')
    await client.readResource(URI)
    try {
      write('How not to')
      client.reload()
      const error = await readSkill(client, old).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(SkillError)
      expect(error).toMatchObject({ code: 'size', uri: URI })
      expect(await readFile(client, old, 'logo.bin').catch((thrown: unknown) => thrown)).toBe(error)
      expect((await readSkill(client, URI)).instructions).toBe('How not to\n')
    } finally {
      write('How to')
    }
  })
})

test('over stdio, skills are read as in one process', async () => {
  await using client = await connect(
    stdio({ command: process.execPath, args: [join(import.meta.dirname, 'fixtures/server.ts'), folder] }),
  )
  expect((await listSkills(client)).map(({ frontmatter }) => frontmatter.name)).toEqual(['refunds'])
  expect((await readSkill(client, URI)).instructions).toBe('How to\n')
})
