/** Bun speaks Node's file interface, and at Node's meaning. */
export { readSkillFolder } from '../node/skill-folder.ts'
