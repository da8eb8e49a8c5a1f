import type { Client, PlainOptions } from '../client.ts'
import type { SkillEntry } from './entry.ts'
import { splitSkill } from './frontmatter.ts'
import { getSkill, skillSettings } from './list-skills.ts'
import { readFile, type SkillFile, textOf } from './read-file.ts'

/** A skill whose SKILL.md is what its entry says. That makes it consistent, not trustworthy. */
export interface Skill {
  readonly entry: SkillEntry
  readonly name: string
  /** When to use it. */
  readonly description: string
  /** The text of SKILL.md below its frontmatter. */
  readonly instructions: string
  /**
   * Reads another file of it, when it is needed; see {@link readFile}.
   * @param reference as it stands in the instructions, such as `templates/invoice.md`, or a URI
   */
  read(reference: string, options?: PlainOptions): Promise<SkillFile>
}

/**
 * Reads the SKILL.md of a skill, and no other file.
 * @param skill its entry, or the URI of its SKILL.md, whose entry is asked for first
 * @throws {SkillError} naming what differs from the entry
 * @throws {RpcError} what the server answered
 * @see https://github.com/modelcontextprotocol/ext-skills
 */
export async function readSkill(
  client: Client,
  skill: SkillEntry | string,
  options: PlainOptions = {},
): Promise<Skill> {
  skillSettings(client)
  const entry = typeof skill === 'string' ? await getSkill(client, skill, options) : skill
  const text = textOf(await readFile(client, entry, entry.uri, options))
  const { name, description } = entry.frontmatter
  return {
    entry,
    name,
    description,
    instructions: splitSkill(text, entry.uri).instructions,
    read: (reference, readOptions) => readFile(client, entry, reference, readOptions),
  }
}
