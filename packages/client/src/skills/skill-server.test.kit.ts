import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Era } from '@bao-mcp/protocol/revisions'
import { ofEra, type ScriptedTransport, scripted } from '../testing/scripted-server.test.kit.ts'
import type { SkillEntry } from './entry.ts'
import { SKILLS } from './list-skills.ts'

export const SKILL_URI = 'skill://pdf/SKILL.md'
export const FORMS_URI = 'skill://pdf/references/FORMS.md'
export const SKILL_TEXT = '---\nname: pdf\ndescription: Work with PDF\nmetadata:\n  tags: [a, b]\n---\n# How\n'

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return `sha256:${new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex()}`
}

/** The entry of a skill with these files, as an honest server tells it. */
export async function entryFor(files: Record<string, string | Uint8Array<ArrayBuffer>>): Promise<SkillEntry> {
  const resources = await Promise.all(
    Object.entries(files).map(async ([uri, content]) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      return { uri, digest: await sha256(bytes), size: bytes.length }
    }),
  )
  const frontmatter = { name: 'pdf', description: 'Work with PDF', metadata: { tags: ['a', 'b'] } }
  return { uri: SKILL_URI, frontmatter, resources }
}

export const FILES: Readonly<Record<string, string>> = { [SKILL_URI]: SKILL_TEXT, [FORMS_URI]: '# Forms\n' }

export interface SkillServerOptions {
  era?: Era
  entries?: readonly unknown[]
  /** Contents by uri: text, bytes, or whatever stands for contents. */
  files?: Readonly<Record<string, unknown>>
  settings?: JsonObject | null
}

/** A server of skills that tells what it is told to tell. */
export function skillServer(options: SkillServerOptions = {}): ScriptedTransport & { readonly reads: unknown[] } {
  const { era = 'modern', entries = [], files = FILES, settings = {} } = options
  const reads: unknown[] = []
  const capabilities = { resources: {}, extensions: settings === null ? {} : { [SKILLS]: settings } }
  const server = scripted(
    ofEra(
      era,
      (message, wire) => {
        const uri = String(message.params?.uri)
        switch (message.method) {
          case 'skills/list': {
            const at = Number(message.params?.cursor ?? 0)
            const more = at + 1 < entries.length && { nextCursor: String(at + 1) }
            return wire.answer(message, { skills: entries.slice(at, at + 1), ...more })
          }
          case 'skills/get':
            return wire.answer(message, { skill: entries[0] })
          case 'resources/read': {
            reads.push(uri)
            const content = files[uri]
            if (content === undefined) return wire.fail(message, -32602, 'no such resource')
            if (typeof content === 'string') return wire.answer(message, { contents: [{ uri, text: content }] })
            if (content instanceof Uint8Array) {
              return wire.answer(message, { contents: [{ uri, blob: content.toBase64() }] })
            }
            return wire.answer(message, { contents: content })
          }
          case 'resources/directory/read': {
            const resources = [{ uri: FORMS_URI, name: 'FORMS.md' }]
            if (message.params?.cursor === 'next') return wire.answer(message, { resources })
            const folder = { uri: 'skill://pdf/references/deep', name: 'deep', mimeType: 'inode/directory' }
            return wire.answer(message, { resources: [folder], nextCursor: 'next' })
          }
        }
      },
      { capabilities },
    ),
  )
  return Object.defineProperties(
    { reads },
    Object.getOwnPropertyDescriptors(server),
    // proof: all members of both, with their getters
  ) as unknown as ScriptedTransport & { readonly reads: unknown[] }
}
