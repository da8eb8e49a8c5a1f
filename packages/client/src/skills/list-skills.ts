import { InvalidResultError, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type { Client, PlainOptions } from '../client.ts'
import { collectPages } from '../pages.ts'
import { isEntry, type SkillEntry } from './entry.ts'
import { SkillError } from './skill-error.ts'

/** The id of the skills extension. */
export const SKILLS = 'io.modelcontextprotocol/skills'

export interface ListSkillsOptions extends PlainOptions {
  /** Pages before the list is given up with an error. Default 64. */
  maxPages?: number | undefined
}

/**
 * The entries of the skills a server lists. No file is read. A server may serve more skills than it lists, and two of
 * them may have one name.
 * @throws {SkillError} `unsupported` when the server serves no skills
 * @throws {InvalidResultError} when an entry is none, and past `maxPages`
 * @see https://github.com/modelcontextprotocol/ext-skills
 */
export async function listSkills(client: Client, options: ListSkillsOptions = {}): Promise<SkillEntry[]> {
  skillSettings(client)
  const { maxPages, ...request } = options
  return collectPages({
    method: 'skills/list',
    member: 'skills',
    isItem: isEntry,
    fetch: (params) => client.request('skills/list', params, request),
    maxPages,
  })
}

/**
 * The entry of one skill, listed or not.
 * @param uri of its SKILL.md
 * @throws {SkillError} `unsupported` when the server serves no skills
 * @throws {RpcError} -32602 when the server serves no such skill
 */
export async function getSkill(client: Client, uri: string, options: PlainOptions = {}): Promise<SkillEntry> {
  skillSettings(client)
  const { skill } = await client.request('skills/get', { uri }, options)
  if (!isEntry(skill)) throw new InvalidResultError('skills/get', 'its skill is no entry with a uri and a frontmatter')
  if (skill.uri !== uri) throw new InvalidResultError('skills/get', `it tells of ${skill.uri} and not of ${uri}`)
  return skill
}

/**
 * What a server declares of skills. "Clients issue `skills/list` and `skills/get` only after observing the server's
 * declaration."
 * @throws {SkillError} `unsupported`
 */
export function skillSettings({ capabilities }: Client): JsonObject {
  const { extensions }: JsonObject = capabilities
  const settings = isJsonObject(extensions) ? extensions[SKILLS] : undefined
  if (isJsonObject(settings)) return settings
  throw new SkillError('unsupported', undefined, `this server does not declare the extension ${SKILLS}`)
}
