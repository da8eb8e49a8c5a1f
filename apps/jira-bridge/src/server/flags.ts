import { isJsonObject } from '@bao-mcp/protocol/engine'
import { type Environment, SettingsError } from './credentials.ts'

export const GROUPS = [
  'search',
  'issues',
  'comments',
  'transitions',
  'projects',
  'users',
  'prompts',
  'resources',
] as const
export type Group = (typeof GROUPS)[number]

/** What the bridge offers. */
export interface Flags {
  /** Whether tools that change something are offered. */
  readonly write: boolean
  readonly groups: ReadonlySet<Group>
}

/**
 * `JIRA_WRITE` (1 or 0, default 0) and `JIRA_TOOLS`: groups that are offered, or, with a minus before them, that are not.
 * @throws {SettingsError} naming the variable and what it takes
 */
export function flagsFromEnvironment(env: Environment): Flags {
  return {
    write: readSwitch(env.JIRA_WRITE ?? '', 'JIRA_WRITE'),
    groups: readGroups((env.JIRA_TOOLS ?? '').split(','), 'JIRA_TOOLS'),
  }
}

/**
 * Flags of a file: `{ "write": true, "tools": ["search", "-comments"] }`; what it does not say stays as it is.
 * @throws {SettingsError} naming the file and what it takes
 */
export function flagsFromFile(text: string, path: string, otherwise: Flags): Flags {
  const { write, tools, ...others } = parsed(text, path)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new SettingsError(`${path}: it knows "write" and "tools", not ${JSON.stringify(unknown)}`)
  if (write !== undefined && typeof write !== 'boolean')
    throw new SettingsError(`${path}: "write" must be true or false`)
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((one) => typeof one === 'string'))) {
    throw new SettingsError(`${path}: "tools" must be a list of groups: ${GROUPS.join(', ')}`)
  }
  return {
    write: write ?? otherwise.write,
    groups: tools === undefined ? otherwise.groups : readGroups(tools, `${path}: "tools"`),
  }
}

function parsed(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (isJsonObject(value)) return value
  } catch (cause) {
    throw new SettingsError(`${path} is no JSON`, { cause })
  }
  throw new SettingsError(`${path} must hold an object, such as { "write": true }`)
}

function readSwitch(value: string, name: string): boolean {
  switch (value.trim().toLowerCase()) {
    case '1':
    case 'true':
    case 'yes':
    case 'on':
      return true
    case '':
    case '0':
    case 'false':
    case 'no':
    case 'off':
      return false
    default:
      throw new SettingsError(`${name} must be 1 or 0, got ${JSON.stringify(value)}`)
  }
}

/** A list that only takes away takes away from all. */
function readGroups(words: readonly string[], name: string): Set<Group> {
  const entries = words.map((word) => word.trim().toLowerCase()).filter((word) => word !== '')
  const groups = new Set<Group>(entries.every((entry) => entry.startsWith('-')) ? GROUPS : [])
  for (const entry of entries) {
    const word = entry.replace(/^[-+]/, '')
    const named = word === 'all' ? GROUPS : GROUPS.filter((group) => group === word)
    if (named.length === 0) {
      throw new SettingsError(
        `${name} takes ${GROUPS.join(', ')} and all, with a minus to leave out, not ${JSON.stringify(entry)}`,
      )
    }
    for (const group of named) {
      if (entry.startsWith('-')) groups.delete(group)
      else groups.add(group)
    }
  }
  return groups
}
