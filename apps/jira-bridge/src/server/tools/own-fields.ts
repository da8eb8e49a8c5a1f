import type { JsonObject } from '@bao-mcp/protocol/engine'
import { Refusal } from './refusal.ts'

/** Jira's ids of what the tools that write have arguments for. */
export const CREATE_FIELDS = [
  'project',
  'issuetype',
  'summary',
  'description',
  'assignee',
  'priority',
  'labels',
  'parent',
] as const
export const UPDATE_FIELDS = ['summary', 'description', 'assignee', 'priority', 'labels'] as const

/**
 * What has an argument is given by it, where it is resolved, confirmed and shown.
 * @param instead what to do, as a sentence that goes on after their names
 * @throws {Refusal} naming those that are in `fields` all the same
 */
export function mustNotHold(fields: JsonObject | undefined, ids: readonly string[], instead: string): void {
  const held = ids.filter((id) => fields !== undefined && Object.hasOwn(fields, id))
  if (held.length > 0) throw new Refusal('invalid', `\`fields\` must not hold ${held.join(', ')}: ${instead}`)
}
