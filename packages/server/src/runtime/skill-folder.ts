/** What one read of folders may find; past any of it reading fails and names the limit. */
export interface FolderLimits {
  /** Files of one skill, SKILL.md included. Default 512, what every host must accept. */
  maxFiles?: number
  /** Bytes of all files of one skill. Default 16 MiB, what every host must accept. */
  maxBytes?: number
  /** How deep folders may nest, in a skill and above it. Default 16. */
  maxDepth?: number
  /** Everything looked at under one folder, whether it is served or not. Default 10,000. */
  maxEntries?: number
}

/** The content of one skill as it was found. */
export interface FoundSkill {
  /** The folder that holds its SKILL.md, absolute. */
  readonly folder: string
  /** Names from the folder that was asked for down to this one, the last one its own. */
  readonly path: readonly string[]
  /** By their names from the skill's folder down. */
  readonly files: ReadonlyMap<readonly string[], Uint8Array>
  /** Folders inside, empty ones included. */
  readonly folders: readonly (readonly string[])[]
}

/**
 * Reads the skill in a folder, or all that lie under it. Names that begin with a dot are passed over; nothing outside of
 * the folder is read.
 * @throws {TypeError} naming the file: it cannot be read, is no plain file, is a link that leaves the skill, or past a limit
 */
export type ReadSkillFolder = (folder: string, limits: Required<FolderLimits>) => FoundSkill[]
