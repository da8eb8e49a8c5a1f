import type { FolderLimits } from '../runtime/skill-folder.ts'
import { type SkillFile, skillFile, textOf } from './content.ts'
import { readFrontmatter, type SkillFrontmatter } from './frontmatter.ts'
import { checkedSegments, type Segments, SKILL_FILE, skillUri } from './skill-path.ts'

/** A skill made ready once, with the content it had then. */
export interface Skill {
  /** The URI of its SKILL.md. */
  readonly uri: string
  /** Its folder in the namespace of skills. */
  readonly path: Segments
  readonly frontmatter: SkillFrontmatter
  /** SKILL.md first, then in the order they were given. */
  readonly files: readonly SkillFile[]
  /** Folders inside that are served although they may be empty. */
  readonly folders: readonly Segments[]
  /** What it is called in errors. */
  readonly what: string
}

export interface SkillParts {
  path: Segments
  files: ReadonlyMap<Segments, Uint8Array>
  folders: readonly Segments[]
  what: string
  limits: Required<FolderLimits>
  /** Where it is known already. Default: what its SKILL.md says. */
  frontmatter?: SkillFrontmatter
}

/**
 * Makes a skill out of its files.
 * @throws {TypeError} naming the skill, its file and the rule it breaks
 * @see https://modelcontextprotocol.io/seps/2640-skills-extension#skill-format
 */
export function makeSkill({ path, files, folders, what, limits, frontmatter: known }: SkillParts): Skill {
  checkedSegments(path, what)
  for (const folder of folders) checkedSegments(folder, what)
  const made = [...files].map(([at, bytes]) => skillFile(checkedSegments(at, what), bytes))
  const main = made.find(({ path: [first, ...below] }) => first === SKILL_FILE && below.length === 0)
  if (main === undefined) throw new TypeError(`${what}: it has no ${SKILL_FILE}`)
  const bytes = made.reduce((sum, file) => sum + file.bytes.length, 0)
  mustFit(what, 'maxFiles', made.length, limits)
  mustFit(what, 'maxBytes', bytes, limits)
  mustFit(what, 'maxDepth', Math.max(...made.map((file) => file.path.length - 1)), limits)
  const frontmatter = known ?? frontmatterOf(main, what)
  const own = path.at(-1)
  if (own !== frontmatter.name) {
    throw new TypeError(
      `${what}: ${SKILL_FILE} says name: ${frontmatter.name}, but its folder is called ${JSON.stringify(own)}`,
    )
  }
  const rest = made.filter((file) => file !== main)
  return { uri: skillUri([...path, SKILL_FILE]), path, frontmatter, files: [main, ...rest], folders, what }
}

function frontmatterOf({ bytes }: SkillFile, what: string): SkillFrontmatter {
  const text = textOf(bytes)
  if (text === undefined) throw new TypeError(`${what}: ${SKILL_FILE} is no UTF-8 text`)
  return readFrontmatter(text, `${what}: ${SKILL_FILE}`)
}

function mustFit(what: string, limit: keyof FolderLimits, value: number, limits: Required<FolderLimits>): void {
  if (value > limits[limit]) throw new TypeError(`${what} is past ${limit} (${limits[limit]}): ${value}`)
}
