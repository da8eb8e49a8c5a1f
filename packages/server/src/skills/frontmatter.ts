import type { JsonObject } from '@bao-mcp/protocol/engine'
import { parseYaml } from '#runtime/yaml'
import { jsonOf } from './json-of.ts'

/** What stands at the head of a SKILL.md, as JSON. */
export interface SkillFrontmatter extends JsonObject {
  readonly name: string
  readonly description: string
}

const MAX_NAME_CHARACTERS = 64
const MAX_DESCRIPTION_CHARACTERS = 1024
const MAX_FRONTMATTER_CHARACTERS = 64 * 1024

/**
 * Reads the head of a SKILL.md.
 * @throws {TypeError} naming the file and the rule it breaks
 * @see https://agentskills.io/specification
 */
export function readFrontmatter(text: string, what: string): SkillFrontmatter {
  const head = text.slice(0, MAX_FRONTMATTER_CHARACTERS)
  const [, yaml] = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(head) ?? []
  if (yaml === undefined) {
    throw new TypeError(
      `${what}: it must begin with frontmatter, YAML between two lines of "---" (at most ${MAX_FRONTMATTER_CHARACTERS} characters)`,
    )
  }
  mustReadAlike(yaml, what)
  let parsed: unknown
  try {
    parsed = parseYaml(yaml)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`${what}: its frontmatter could not be read: ${reason}`, { cause })
  }
  return checkedFrontmatter(jsonOf(parsed, `${what}: its frontmatter`), what)
}

/** @throws {TypeError} naming the skill and the rule it breaks */
export function checkedFrontmatter(value: unknown, what: string): SkillFrontmatter {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${what}: its frontmatter must be a mapping, with a name and a description`)
  }
  // proof: the check above; members are checked one by one below
  const { name, description, ...rest } = value as JsonObject
  if (typeof name !== 'string' || name.length > MAX_NAME_CHARACTERS || !/^[a-z\d]+(?:-[a-z\d]+)*$/.test(name)) {
    throw new TypeError(
      `${what}: name must be 1 to ${MAX_NAME_CHARACTERS} of a-z, 0-9 and single hyphens between them, got ${JSON.stringify(name)}`,
    )
  }
  if (typeof description !== 'string' || description.trim() === '') {
    throw new TypeError(`${what}: description must be a text that is not empty, got ${JSON.stringify(description)}`)
  }
  if (description.length > MAX_DESCRIPTION_CHARACTERS) {
    throw new TypeError(
      `${what}: description must be at most ${MAX_DESCRIPTION_CHARACTERS} characters, got ${description.length}`,
    )
  }
  return { name, description, ...rest }
}

/** Frontmatter as text: every reader of YAML, whatever its version, reads these values as they are here. */
export function writeFrontmatter(frontmatter: SkillFrontmatter): string {
  const lines = Object.entries(frontmatter).map(([key, value]) => `${keyText(key)}: ${valueText(value)}`)
  return `---\n${lines.join('\n')}\n---\n`
}

/**
 * Hosts compare what they read with what is listed, so what readers of YAML disagree about is refused.
 * @throws {TypeError} naming the key
 */
function mustReadAlike(yaml: string, what: string): void {
  const keys = new Set<string>()
  for (const [, key = ''] of yaml.matchAll(/^([A-Za-z_][\w.-]*)[ \t]*:(?=[ \t\r\n]|$)/gm)) {
    if (keys.has(key)) throw new TypeError(`${what}: its frontmatter has the key ${JSON.stringify(key)} twice`)
    keys.add(key)
  }
  if (/^[ \t]*<<[ \t]*:/m.test(yaml)) throw new TypeError(`${what}: its frontmatter has a merge key, "<<"`)
}

function keyText(key: string): string {
  return /^(?:name|description|license|compatibility|metadata|allowed-tools)$/.test(key) ? key : valueText(key)
}

/** JSON is YAML, but for some characters that YAML wants written as escapes. */
function valueText(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
