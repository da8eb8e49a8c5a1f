import { isJsonObject } from '@bao-mcp/protocol/engine'
import { parseYaml } from '#runtime/yaml'
import { SkillError } from './skill-error.ts'

/** The two parts of a SKILL.md. */
export interface SkillText {
  readonly yaml: string
  /** What stands below the frontmatter. */
  readonly instructions: string
}

const HEAD = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/
/** Characters of a frontmatter; what is longer is no head of a text. */
const MAX_HEAD_LENGTH = 64 * 1024

/** @throws {SkillError} `frontmatter` when there is none */
export function splitSkill(text: string, uri: string): SkillText {
  const [all = '', yaml] = HEAD.exec(text.slice(0, MAX_HEAD_LENGTH)) ?? []
  if (yaml === undefined) {
    throw new SkillError('frontmatter', uri, 'it must begin with frontmatter, YAML between two lines of "---"')
  }
  return { yaml, instructions: text.slice(all.length) }
}

/**
 * "Hosts MUST parse its YAML frontmatter and compare it field-by-field against the entry's `frontmatter`."
 * @throws {SkillError} `frontmatter` naming each place where they differ
 * @throws {Error} where nothing reads YAML
 */
export function mustSayTheSame(yaml: string, listed: object, uri: string): void {
  const issues = differences(readYaml(yaml, uri), listed, '$')
  if (issues.length === 0) return
  const shown = issues.slice(0, MAX_SHOWN).join('; ')
  throw new SkillError('frontmatter', uri, `its frontmatter is not that of its entry: ${shown}`, { issues })
}

const MAX_SHOWN = 5

function readYaml(yaml: string, uri: string): unknown {
  // a reader must be there before a text can be to blame
  parseYaml('{}')
  try {
    return parseYaml(yaml)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SkillError('frontmatter', uri, `its frontmatter could not be read: ${reason}`, { cause })
  }
}

/**
 * Places where two values differ. Only what the listed one holds is walked, so that aliases, which can make few lines into
 * very many, are not.
 */
function differences(read: unknown, listed: unknown, at: string): string[] {
  if (Array.isArray(read) && Array.isArray(listed)) {
    if (read.length !== listed.length) return [`${at} has another number of items`]
    return listed.flatMap((item, index) => differences(read[index], item, `${at}[${index}]`))
  }
  if (isJsonObject(read) && isJsonObject(listed)) {
    const missing = Object.keys(read)
      .filter((key) => !Object.hasOwn(listed, key))
      .map((key) => `${at}.${key} is not in the entry`)
    const others = Object.entries(listed).flatMap(([key, value]) =>
      Object.hasOwn(read, key) ? differences(read[key], value, `${at}.${key}`) : [`${at}.${key} is in the entry alone`],
    )
    return [...missing, ...others]
  }
  return read === listed ? [] : [`${at} is another value`]
}
