import type { Server, Tool } from '@bao-mcp/server'
import type { ToolName } from '../shapes.ts'
import type { Flags, Group } from './flags.ts'

/** Permissions of Jira that decide what is offered. @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/ */
export const PERMISSIONS = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'TRANSITION_ISSUES',
  'ADD_COMMENTS',
] as const
type Permission = (typeof PERMISSIONS)[number]

interface Terms {
  group: Group
  needs?: Permission
}

/** On which terms a tool is offered. */
const TERMS: Readonly<Record<ToolName, Terms>> = {
  jira_search_issues: { group: 'search', needs: 'BROWSE_PROJECTS' },
  jira_get_issue: { group: 'issues', needs: 'BROWSE_PROJECTS' },
  jira_create_issue: { group: 'issues', needs: 'CREATE_ISSUES' },
  jira_update_issue: { group: 'issues', needs: 'EDIT_ISSUES' },
  jira_get_transitions: { group: 'transitions', needs: 'BROWSE_PROJECTS' },
  jira_transition_issue: { group: 'transitions', needs: 'TRANSITION_ISSUES' },
  jira_add_comment: { group: 'comments', needs: 'ADD_COMMENTS' },
  jira_list_projects: { group: 'projects', needs: 'BROWSE_PROJECTS' },
  jira_list_issue_types: { group: 'projects', needs: 'BROWSE_PROJECTS' },
  jira_find_users: { group: 'users' },
  jira_whoami: { group: 'users' },
}

/** What the account may do; what is not in it is not known, and hides nothing. */
export type Permitted = Readonly<Record<string, boolean>>

/** Names of the tools that say of themselves that they only read; any other one is taken to write. */
export function readingTools(tools: readonly Tool[]): ReadonlySet<string> {
  return new Set(tools.filter(({ listed }) => listed.annotations?.readOnlyHint === true).map(({ name }) => name))
}

export function isSwitchedOn(name: ToolName, { flags, isRead }: { flags: Flags; isRead: boolean }): boolean {
  return flags.groups.has(TERMS[name].group) && (flags.write || isRead)
}

export interface Offer {
  flags: Flags
  permitted: Permitted
  /** As {@link readingTools} found them. */
  reads: ReadonlySet<string>
}

/** Offers what flags and permissions allow and nothing else; clients hear of a change. */
export function applyOffer(server: Server, { flags, permitted, reads }: Offer): void {
  for (const name of server.tools.names()) {
    // proof: the bridge registers tools of these names only
    const { needs } = TERMS[name as ToolName]
    const may = needs === undefined || permitted[needs] !== false
    // proof: as above
    server.tools.enable(name, isSwitchedOn(name as ToolName, { flags, isRead: reads.has(name) }) && may)
  }
  const mayBrowse = permitted.BROWSE_PROJECTS !== false
  for (const name of server.prompts.names()) server.prompts.enable(name, flags.groups.has('prompts') && mayBrowse)
  for (const uri of server.resources.templates.names()) {
    server.resources.templates.enable(uri, flags.groups.has('resources') && mayBrowse)
  }
}
