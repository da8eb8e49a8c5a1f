import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { SkillError } from './skill-error.ts'

/** One file of a skill, as its entry tells of it. */
export interface SkillResource {
  readonly uri: string
  /** `sha256:` and 64 lowercase hexadecimal digits, of the bytes. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** A skill as its server tells of it. Nothing of it was verified. */
export interface SkillEntry {
  /** Of its SKILL.md; means something together with its server only. */
  readonly uri: string
  /** What stands at the head of SKILL.md, by the server's word. Display it as text of a stranger. */
  readonly frontmatter: { readonly name: string; readonly description: string; readonly [key: string]: unknown }
  /** All its files, or `dynamic` where the server publishes no digests. */
  readonly resources: readonly SkillResource[] | 'dynamic'
}

export const SKILL_FILE = 'SKILL.md'
/** "Hosts MUST support skills up to and including these limits." */
export const MAX_SKILL_FILES = 512
export const MAX_SKILL_BYTES: number = 16 * 1024 * 1024

const DIGEST = /^sha256:[0-9a-f]{64}$/

/** Whether a listed value is an entry at all. What its rules say of it is checked when it is used. */
export function isEntry(value: unknown): value is SkillEntry {
  if (!isJsonObject(value) || typeof value.uri !== 'string') return false
  const { frontmatter } = value
  return (
    isJsonObject(frontmatter) && typeof frontmatter.name === 'string' && typeof frontmatter.description === 'string'
  )
}

/** The files of an entry that its digests can be checked by, by their URIs. */
export type Manifest = ReadonlyMap<string, SkillResource>

/**
 * Checks an entry, before anything of its skill is read.
 * @throws {SkillError} `invalid_entry` naming each rule it breaks, `unverifiable` when nothing could be verified by it
 * @see https://github.com/modelcontextprotocol/ext-skills
 */
export function manifestOf(entry: SkillEntry): Manifest {
  const { uri, frontmatter } = entry
  // proof: nothing is assumed of it, as it came from the wire
  const resources: unknown = entry.resources
  if (resources === 'dynamic') {
    throw new SkillError('unverifiable', uri, 'its content is generated and has no digests, so it cannot be verified')
  }
  const issues: string[] = []
  const folder = folderOf(uri)
  const name = lastSegment(folder)
  if (folder === undefined) issues.push(`its uri must end in <name>/${SKILL_FILE}`)
  else if (name !== frontmatter.name) {
    issues.push(`its folder is called ${JSON.stringify(name)}, and its name is ${JSON.stringify(frontmatter.name)}`)
  }
  const manifest = new Map<string, SkillResource>()
  if (!Array.isArray(resources)) issues.push('its resources must be a list of files')
  else if (resources.length > MAX_SKILL_FILES) {
    throw new SkillError(
      'unverifiable',
      uri,
      `it has ${resources.length} files, and at most ${MAX_SKILL_FILES} are read`,
    )
  } else {
    for (const [index, file] of resources.entries()) {
      const fault = faultOf(file, folder ?? uri)
      if (fault !== undefined) issues.push(`resources[${index}]: ${fault}`)
      else if (manifest.has(file.uri)) issues.push(`resources[${index}]: it is listed twice`)
      else manifest.set(file.uri, file)
    }
    if (!manifest.has(uri)) issues.push(`its resources do not list its own ${SKILL_FILE}`)
  }
  if (issues.length > 0)
    throw new SkillError('invalid_entry', uri, `the entry is invalid: ${issues.join('; ')}`, { issues })
  const bytes = [...manifest.values()].reduce((sum, { size }) => sum + size, 0)
  if (bytes <= MAX_SKILL_BYTES) return manifest
  throw new SkillError('unverifiable', uri, `it has ${bytes} bytes, and at most ${MAX_SKILL_BYTES} are read`)
}

/** The folder of a skill with a slash at its end; undefined for what is no URI of a SKILL.md in a folder. */
export function folderOf(uri: string): string | undefined {
  const folder = uri.endsWith(`/${SKILL_FILE}`) ? uri.slice(0, -SKILL_FILE.length) : undefined
  return folder !== undefined && lastSegment(folder) !== '' ? folder : undefined
}

/** The path of a file from its skill's folder down; undefined for one that lies elsewhere, or may. */
export function pathOf(uri: string, folder: string): readonly string[] | undefined {
  if (!uri.startsWith(folder) || /[?#\\]/.test(uri.slice(folder.length))) return undefined
  try {
    const path = uri.slice(folder.length).split('/').map(decodeURIComponent)
    return path.some((segment) => /^\.{0,2}$|[/\\]/.test(segment)) ? undefined : path
  } catch {
    // a malformed escape is no path, which is the answer
    return undefined
  }
}

function lastSegment(folder: string | undefined): string | undefined {
  return folder?.split('/').at(-2)
}

function faultOf(file: unknown, folder: string): string | undefined {
  if (!isJsonObject(file) || typeof file.uri !== 'string') return 'it must be an object with a uri'
  const { uri, digest, size }: JsonObject = file
  if (pathOf(String(uri), folder) === undefined) return `${JSON.stringify(uri)} does not lie in the folder of the skill`
  if (typeof digest !== 'string' || !DIGEST.test(digest)) return 'its digest must be sha256: and 64 hexadecimal digits'
  if (!Number.isSafeInteger(size) || Number(size) < 0) return 'its size must be a number of bytes'
  return undefined
}
