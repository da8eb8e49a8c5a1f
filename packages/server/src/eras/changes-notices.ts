import { PROMPTS_CHANGED, RESOURCES_CHANGED, TOOLS_CHANGED } from '@bao-mcp/protocol/engine'
import type { ChangeKind } from '../changes.ts'

/** The notification that tells of a changed list. */
export const LIST_CHANGED: Readonly<Record<ChangeKind, string>> = {
  tools: TOOLS_CHANGED,
  prompts: PROMPTS_CHANGED,
  resources: RESOURCES_CHANGED,
}
