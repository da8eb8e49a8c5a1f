import { readSkillFolder } from '#runtime/skill-folder'
import { atLeast } from '../at-least.ts'
import type { FolderLimits } from '../runtime/skill-folder.ts'
import { makeSkill, type Skill } from './skill.ts'
import { splitPath } from './skill-path.ts'

/** A folder, and where what it holds stands in the namespace of skills. */
export interface SkillFolder {
  path: string
  /** What stands before its skills in their URIs, such as `acme/billing`. Default: nothing. */
  prefix?: string
}

const DEFAULTS: Required<FolderLimits> = {
  maxFiles: 512,
  maxBytes: 16 * 1024 * 1024,
  maxDepth: 16,
  maxEntries: 10_000,
}

/** @throws {TypeError} naming a limit below 1 */
export function limitsOf(given: FolderLimits): Required<FolderLimits> {
  const { maxFiles, maxBytes, maxDepth, maxEntries } = { ...DEFAULTS, ...given }
  return {
    maxFiles: atLeast(1, 'maxFiles', maxFiles),
    maxBytes: atLeast(1, 'maxBytes', maxBytes),
    maxDepth: atLeast(1, 'maxDepth', maxDepth),
    maxEntries: atLeast(1, 'maxEntries', maxEntries),
  }
}

/**
 * Reads the skills in a folder as they are now.
 * @throws {TypeError} naming the file and the rule it breaks
 */
export function skillsIn(folder: string | SkillFolder, limits: Required<FolderLimits>): Skill[] {
  const { path, prefix } = typeof folder === 'string' ? { path: folder, prefix: undefined } : folder
  const before = prefix === undefined ? [] : splitPath(prefix, `skill folder ${path}`)
  return readSkillFolder(path, limits).map(({ folder: at, path: own, files, folders }) =>
    makeSkill({ path: [...before, ...own], files, folders, what: `skill ${at}`, limits }),
  )
}
