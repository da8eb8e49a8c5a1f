import { JiraError } from './jira-error.ts'
import { MCP_ATLASSIAN, OUR_BRIDGE } from './mapping.ts'
import type { JiraMapping } from './mapping-rules.ts'

/** A tool as far as choosing goes. */
export interface OfferedTool {
  readonly name: string
  readonly inputSchema: Readonly<Record<string, unknown>>
}

/** Mappings that are chosen from, the first of equals wins. */
export const KNOWN_MAPPINGS: readonly JiraMapping[] = [OUR_BRIDGE, MCP_ATLASSIAN]
/** Names an error lists. */
const MOST_NAMES = 30

/**
 * The mapping that most of the offered tools fit: a tool fits by its name when the mapping can give every argument it
 * requires.
 * @throws {JiraError} `unsupported`, when none fits
 */
export function chooseMapping(
  tools: readonly OfferedTool[],
  known: readonly JiraMapping[] = KNOWN_MAPPINGS,
): JiraMapping {
  let best: JiraMapping | undefined
  let most = 0
  for (const mapping of known) {
    const fitting = countFitting(mapping, tools)
    if (fitting > most) {
      best = mapping
      most = fitting
    }
  }
  if (best !== undefined) return best
  const names = known.map(({ name }) => name).join(', ')
  throw new JiraError('unsupported', `the server is none of those that are known (${names}); ${offered(tools)}`)
}

/** For an error: what there is. */
export function offered(tools: readonly OfferedTool[]): string {
  if (tools.length === 0) return 'it offers no tools'
  const names = tools.slice(0, MOST_NAMES).map(({ name }) => name)
  return `it offers ${names.join(', ')}${tools.length > MOST_NAMES ? ` and ${tools.length - MOST_NAMES} more` : ''}`
}

function countFitting({ operations }: JiraMapping, tools: readonly OfferedTool[]): number {
  return Object.values(operations).filter((one) =>
    tools.some(({ name, inputSchema }) => {
      if (name !== one.tool) return false
      const required: unknown[] = Array.isArray(inputSchema.required) ? inputSchema.required : []
      return required.every((argument) => typeof argument === 'string' && Object.hasOwn(one.arguments, argument))
    }),
  ).length
}
