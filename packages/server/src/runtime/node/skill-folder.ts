import { closeSync, constants, type Dirent, fstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import type { FolderLimits, FoundSkill, ReadSkillFolder } from '../skill-folder.ts'

const SKILL_FILE = 'SKILL.md'
// a pipe must not hold the reader; a link that appeared since the look must not be followed (Windows has neither flag)
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** What is known while one folder is read. */
interface Walk {
  readonly limits: Required<FolderLimits>
  /** Entries that may still be looked at. */
  left: number
}

/** Reads the skill in a folder, or all that lie under it. @throws {TypeError} naming the file and what is wrong with it */
export const readSkillFolder: ReadSkillFolder = (folder, limits) => {
  const named = resolve(folder)
  const walk: Walk = { limits, left: limits.maxEntries }
  const root = attempt(named, () => realpathSync(named))
  const found: FoundSkill[] = []
  collect(root, [basename(named)], [], found, walk)
  return found
}

/** A folder with a SKILL.md is a skill, whatever it holds; any other folder is a place where skills may be. */
function collect(
  folder: string,
  own: readonly string[],
  path: readonly string[],
  found: FoundSkill[],
  walk: Walk,
): void {
  if (path.length > walk.limits.maxDepth) throw tooMuch(folder, 'maxDepth', walk)
  const entries = list(folder, walk)
  if (entries.some(({ name }) => name === SKILL_FILE)) {
    // the name of the folder that was asked for counts for a skill only, not for a place of skills
    found.push(readSkill(folder, path.length === 0 ? own : path, entries, walk))
    return
  }
  for (const entry of entries) {
    const at = join(folder, entry.name)
    if (entry.isDirectory()) collect(at, own, [...path, entry.name], found, walk)
    else if (entry.isSymbolicLink() && leadsToFolder(at)) {
      throw new TypeError(`${at} is a link to a folder, which is not followed; name the folder it leads to instead`)
    }
  }
}

function readSkill(root: string, path: readonly string[], top: readonly Dirent[], walk: Walk): FoundSkill {
  const { maxFiles, maxBytes, maxDepth } = walk.limits
  const files = new Map<readonly string[], Uint8Array>()
  const folders: (readonly string[])[] = []
  let bytes = 0

  function read(entries: readonly Dirent[], above: readonly string[]): void {
    for (const entry of entries) {
      const names = [...above, entry.name]
      const at = join(root, ...names)
      if (entry.isDirectory()) {
        if (names.length > maxDepth) throw tooMuch(at, 'maxDepth', walk)
        folders.push(names)
        read(list(at, walk), names)
        continue
      }
      if (files.size >= maxFiles) throw tooMuch(at, 'maxFiles', walk)
      const content = readFile(entry.isSymbolicLink() ? targetInside(at, root) : at, at, maxBytes - bytes)
      if (content === undefined) throw tooMuch(at, 'maxBytes', walk)
      bytes += content.length
      files.set(names, content)
    }
  }

  read(top, [])
  return { folder: root, path, files, folders }
}

/** What lies in a folder, in a steady order. */
function list(folder: string, walk: Walk): Dirent[] {
  const entries = attempt(folder, () => readdirSync(folder, { withFileTypes: true }))
  walk.left -= entries.length
  if (walk.left < 0) throw tooMuch(folder, 'maxEntries', walk)
  return entries
    .filter(({ name }) => !name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** Where a link leads. @throws {TypeError} when that is outside of the skill, hidden, or nowhere */
function targetInside(link: string, root: string): string {
  const target = attempt(link, () => realpathSync(link))
  const names = relative(root, target).split(sep)
  // a dot also begins "..", the way out; another drive has no way there at all, and its path stays absolute
  if (!target.startsWith(root + sep) || names.some((name) => name.startsWith('.'))) {
    throw new TypeError(`${link} is a link that leaves the skill, or leads to a hidden file: it is not served`)
  }
  return target
}

/** At most `room` bytes; undefined when there are more. */
function readFile(path: string, shown: string, room: number): Uint8Array | undefined {
  return attempt(shown, () => {
    const file = openSync(path, OPEN_FLAGS)
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw new TypeError(`${shown} is no plain file: it cannot be served`)
      if (stat.size > room) return undefined
      const bytes = new Uint8Array(stat.size)
      let length = 0
      while (length < bytes.length) {
        const count = readSync(file, bytes, length, bytes.length - length, null)
        if (count === 0) break
        length += count
      }
      return bytes.subarray(0, length)
    } finally {
      closeSync(file)
    }
  })
}

function leadsToFolder(link: string): boolean {
  try {
    readdirSync(link)
    return true
  } catch {
    // a link to a file, or to nothing, is no place where skills could be
    return false
  }
}

function tooMuch(at: string, limit: keyof FolderLimits, { limits }: Walk): TypeError {
  return new TypeError(`${at} is past ${limit} (${limits[limit]})`)
}

function attempt<T>(at: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof TypeError) throw cause
    throw new TypeError(`${at} cannot be read`, { cause })
  }
}
