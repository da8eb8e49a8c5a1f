import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { FolderLimits } from '../runtime/skill-folder.ts'
import { checkedFrontmatter, writeFrontmatter } from './frontmatter.ts'
import { jsonOf } from './json-of.ts'
import { makeSkill, type Skill } from './skill.ts'
import { type Segments, SKILL_FILE, splitPath } from './skill-path.ts'

/** Text, which becomes UTF-8, or bytes, of which a copy is kept. */
export type SkillContent = string | Uint8Array

/** A skill whose SKILL.md is written from its parts. */
export interface ComposedSkill {
  /** 1 to 64 of a-z, 0-9 and single hyphens. */
  name: string
  /** When to use it, for the model: at most 1024 characters. */
  description: string
  /** What stands before the name in its URI, such as `acme/billing`. Default: nothing. */
  prefix?: string
  /** Further keys of the frontmatter, such as `license`. */
  frontmatter?: JsonObject
  /** Markdown, the body of SKILL.md. */
  instructions: string
  /** Supporting files, by their paths from the skill's folder down. */
  files?: { readonly [path: string]: SkillContent }
}

/** A skill with a SKILL.md of its own, such as one that was bundled into the program. */
export interface PackedSkill {
  /** Ends in its name: `refunds`, `acme/billing/refunds`. */
  path: string
  /** All its files, SKILL.md among them, by their paths from the skill's folder down. */
  files: { readonly [path: string]: SkillContent }
}

/** A skill that is written down in the program, or one that was packed. */
export type SkillDefinition = ComposedSkill | PackedSkill

/** @throws {TypeError} naming the skill, its file and the rule it breaks */
export function skillOf(definition: SkillDefinition, limits: Required<FolderLimits>): Skill {
  if ('path' in definition) {
    const what = `skill ${JSON.stringify(definition.path)}`
    const files = filesOf(definition.files, what)
    return makeSkill({ path: splitPath(definition.path, what), files, folders: [], what, limits })
  }
  const { name, description, prefix, frontmatter: more = {}, instructions, files = {} } = definition
  const what = `skill ${JSON.stringify(name)}`
  for (const taken of ['name', 'description']) {
    if (taken in more) throw new TypeError(`${what}: frontmatter must not repeat ${taken}`)
  }
  if (SKILL_FILE in files)
    throw new TypeError(`${what}: its files must not hold ${SKILL_FILE}; give "path" and "files"`)
  const frontmatter = checkedFrontmatter(jsonOf({ name, description, ...more }, `${what}: its frontmatter`), what)
  const body = bytesOf(instructions, `${what}: instructions`)
  const head = bytesOf(writeFrontmatter(frontmatter), what)
  const skillFile = new Uint8Array(head.length + body.length)
  skillFile.set(head)
  skillFile.set(body, head.length)
  return makeSkill({
    path: [...(prefix === undefined ? [] : splitPath(prefix, what)), name],
    files: new Map([[[SKILL_FILE], skillFile], ...filesOf(files, what)]),
    folders: [],
    what,
    limits,
    frontmatter,
  })
}

function filesOf(files: { readonly [path: string]: SkillContent }, what: string): Map<Segments, Uint8Array> {
  return new Map(
    Object.entries(files).map(([path, content]) => [splitPath(path, what), bytesOf(content, `${what}: ${path}`)]),
  )
}

function bytesOf(content: unknown, what: string): Uint8Array {
  if (content instanceof Uint8Array) return Uint8Array.from(content)
  if (typeof content !== 'string') throw new TypeError(`${what}: content must be a string or a Uint8Array`)
  if (!content.isWellFormed()) throw new TypeError(`${what}: the text is no well-formed Unicode`)
  return new TextEncoder().encode(content)
}
