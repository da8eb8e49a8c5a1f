import type { Resource as ListedResource } from '@bao-mcp/protocol'
import type { CacheHint } from '@bao-mcp/protocol/engine'
import { type Resource, resource } from '../registry/resource.ts'
import { contentOf, type SkillFile } from './content.ts'
import type { Skill } from './skill.ts'
import { type Segments, skillUri } from './skill-path.ts'

export const FOLDER_TYPE = 'inode/directory'

/** One file as it is served. */
export interface ServedFile {
  readonly resource: Resource
  readonly bytes: Uint8Array
}

/** What lies directly in a folder. */
export interface Child {
  readonly name: string
  readonly listed: ListedResource
}

/** Everything that is served at one time. A change makes a new one. */
export interface Namespace {
  readonly skills: readonly Skill[]
  /** By URI. */
  readonly files: ReadonlyMap<string, ServedFile>
  /** What each folder holds, sorted by name, by the folder's URI. */
  readonly folders: ReadonlyMap<string, readonly Child[]>
}

/**
 * Puts skills side by side, and the ones that lie in others into them.
 * @throws {TypeError} naming two skills that cannot both be there
 * @see https://modelcontextprotocol.io/seps/2640-skills-extension#resource-mapping
 */
export function namespaceOf(skills: readonly Skill[], cache: CacheHint | undefined): Namespace {
  const taken = new Map<string, Skill>()
  const files = new Map<string, ServedFile & { readonly of: Skill }>()
  const folders = new Map<string, Map<string, Child>>()

  function addFolder(path: Segments): Map<string, Child> {
    const uri = skillUri(path)
    const there = folders.get(uri)
    if (there !== undefined) return there
    const children = new Map<string, Child>()
    folders.set(uri, children)
    put(path, { uri, name: path.at(-1) ?? '', mimeType: FOLDER_TYPE })
    return children
  }

  /** Lists something in the folder it lies in; what lies on top lies in none. */
  function put(path: Segments, listed: ListedResource): void {
    const name = path.at(-1) ?? ''
    if (path.length > 1) addFolder(path.slice(0, -1)).set(name, { name, listed })
  }

  function addFile(skill: Skill, file: SkillFile): void {
    const path = [...skill.path, ...file.path]
    const uri = skillUri(path)
    const other = files.get(uri)
    if (other !== undefined && !sameBytes(other.bytes, file.bytes)) {
      throw new TypeError(`${other.of.what} and ${skill.what} have different content at ${uri}`)
    }
    // a skill inside another one speaks for its own SKILL.md
    if (other !== undefined && uri !== skill.uri) return
    const served = servedFile(uri, skill, file, cache)
    files.set(uri, { ...served, of: skill })
    put(path, served.resource.listed)
  }

  for (const skill of skills) {
    const other = taken.get(skill.uri)
    if (other !== undefined) throw new TypeError(`${other.what} and ${skill.what} are both ${skill.uri}`)
    taken.set(skill.uri, skill)
    addFolder(skill.path)
    for (const folder of skill.folders) addFolder([...skill.path, ...folder])
    for (const file of skill.files) addFile(skill, file)
  }
  for (const [uri, { of }] of files) {
    if (folders.has(uri)) throw new TypeError(`${of.what}: ${uri} is a file and a folder`)
  }
  return { skills, files, folders: new Map([...folders].map(([uri, children]) => [uri, sorted(children)])) }
}

function servedFile(uri: string, skill: Skill, file: SkillFile, cache: CacheHint | undefined): ServedFile {
  const { name, description } = skill.frontmatter
  const { bytes, mimeType } = file
  const made = resource({
    uri,
    name: uri === skill.uri ? name : (file.path.at(-1) ?? ''),
    ...(uri === skill.uri && { description }),
    mimeType,
    size: bytes.length,
    ...(cache !== undefined && { cache }),
    read: () => contentOf(file),
  })
  return { resource: made, bytes }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function sorted(children: ReadonlyMap<string, Child>): Child[] {
  return [...children.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
