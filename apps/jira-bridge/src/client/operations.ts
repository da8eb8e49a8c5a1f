import type { z } from 'zod'
import { TOOLS } from '../shapes.ts'

/**
 * What can be asked of Jira, in our own words: input and output are those of the bridge's tools, whatever server there
 * is. A write is never sent twice.
 */
export const OPERATIONS = {
  search: { shape: TOOLS.jira_search_issues, isWrite: false },
  getIssue: { shape: TOOLS.jira_get_issue, isWrite: false },
  createIssue: { shape: TOOLS.jira_create_issue, isWrite: true },
  updateIssue: { shape: TOOLS.jira_update_issue, isWrite: true },
  getTransitions: { shape: TOOLS.jira_get_transitions, isWrite: false },
  transition: { shape: TOOLS.jira_transition_issue, isWrite: true },
  addComment: { shape: TOOLS.jira_add_comment, isWrite: true },
  listProjects: { shape: TOOLS.jira_list_projects, isWrite: false },
  listIssueTypes: { shape: TOOLS.jira_list_issue_types, isWrite: false },
  findUsers: { shape: TOOLS.jira_find_users, isWrite: false },
  whoami: { shape: TOOLS.jira_whoami, isWrite: false },
} as const

export type OperationName = keyof typeof OPERATIONS
type Shape<Name extends OperationName> = (typeof OPERATIONS)[Name]['shape']
export type OperationInput<Name extends OperationName> = z.input<Shape<Name>['input']>
/** Input with its defaults filled in. */
export type CheckedInput<Name extends OperationName> = z.output<Shape<Name>['input']>
export type OperationOutput<Name extends OperationName> = z.output<Shape<Name>['output']>
