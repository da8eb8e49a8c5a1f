import type { ReadSkillFolder } from '../skill-folder.ts'

/** @throws {TypeError} always: there are no folders here */
export const readSkillFolder: ReadSkillFolder = (folder) => {
  throw new TypeError(
    `skill folder ${JSON.stringify(folder)}: folders can be read by Bun and Node only; give "skills" instead`,
  )
}
