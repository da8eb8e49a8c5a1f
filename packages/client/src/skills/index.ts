/** Skills from a server: listed, and read with everything about them verified. */
export { MAX_SKILL_BYTES, MAX_SKILL_FILES, type SkillEntry, type SkillResource } from './entry.ts'
export { getSkill, type ListSkillsOptions, listSkills, SKILLS } from './list-skills.ts'
export { FOLDER_TYPE, readDirectory } from './read-directory.ts'
export { readFile, type SkillFile } from './read-file.ts'
export { readSkill, type Skill } from './read-skill.ts'
export { SkillError, type SkillErrorCode } from './skill-error.ts'
