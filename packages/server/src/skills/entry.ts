import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { SkillFrontmatter } from './frontmatter.ts'
import type { Namespace } from './namespace.ts'
import type { Skill } from './skill.ts'
import { skillUri } from './skill-path.ts'

/** A skill as it is listed, with all its files. */
export interface SkillEntry extends JsonObject {
  readonly uri: string
  readonly frontmatter: SkillFrontmatter
  readonly resources: readonly FileEntry[]
}

interface FileEntry {
  readonly uri: string
  /** `sha256:` and 64 hexadecimal digits, of the bytes. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/**
 * The entries of all skills, in their order.
 * @see https://modelcontextprotocol.io/seps/2640-skills-extension#resources
 */
export async function entriesOf({ skills, files }: Namespace): Promise<SkillEntry[]> {
  // by the file that is served, so that one that lies in two skills is digested once
  const known = new Map<string, FileEntry>()
  for (const [uri, { bytes }] of files) known.set(uri, { uri, digest: await digestOf(bytes), size: bytes.length })
  return skills.map(({ uri, path, frontmatter, files: own }: Skill) => ({
    uri,
    frontmatter,
    resources: own.flatMap((file) => known.get(skillUri([...path, ...file.path])) ?? []),
  }))
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  // proof: every file's bytes were read or copied into memory of their own, never shared with another thread
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return `sha256:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
