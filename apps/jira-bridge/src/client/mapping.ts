import type { IssueSummary } from '../shapes.ts'
import {
  CommentWritten,
  IssueAnswer,
  IssueTypesAnswer,
  ProjectsAnswer,
  SearchAnswer,
  SoftFailure,
  TransitionsAnswer,
  UserAnswer,
  WrittenAnswer,
} from './atlassian-shapes.ts'
import { field, type JiraMapping, type OperationMapping, operation, type Sources } from './mapping-rules.ts'
import { OPERATIONS, type OperationName, type OperationOutput } from './operations.ts'

/** The tools of this bridge, whose words are ours. */
export const OUR_BRIDGE: JiraMapping = {
  name: 'bao jira bridge',
  answers: 'structured',
  failures: 'codes',
  transitionsBy: 'name',
  maxPageSize: 1_000,
  operations: {
    search: own('search', 'jira_search_issues'),
    getIssue: own('getIssue', 'jira_get_issue'),
    createIssue: own('createIssue', 'jira_create_issue'),
    updateIssue: own('updateIssue', 'jira_update_issue'),
    getTransitions: own('getTransitions', 'jira_get_transitions'),
    transition: own('transition', 'jira_transition_issue'),
    addComment: own('addComment', 'jira_add_comment'),
    listProjects: own('listProjects', 'jira_list_projects'),
    listIssueTypes: own('listIssueTypes', 'jira_list_issue_types'),
    findUsers: own('findUsers', 'jira_find_users'),
    whoami: own('whoami', 'jira_whoami'),
  },
}

const START_AT = 'start_at:'
const ISSUE_FIELDS =
  'summary,status,issuetype,priority,project,assignee,reporter,labels,created,updated,description,parent,components,comment'

/**
 * The tools of mcp-atlassian. It has none that says who it acts for, and tells neither categories of the states that
 * transitions lead to nor the fields they want.
 */
export const MCP_ATLASSIAN: JiraMapping = {
  name: 'mcp-atlassian',
  answers: 'json_text',
  failures: 'words',
  transitionsBy: 'id',
  maxPageSize: 50,
  softFailure: (answer) => SoftFailure.safeParse(answer).data?.error,
  operations: {
    search: operation('search', {
      tool: 'jira_search',
      arguments: {
        jql: field('jql'),
        limit: field('limit', { most: 50 }),
        page_token: field('pageToken', { unlessPrefix: START_AT }),
        // Data Center has no tokens
        start_at: { kind: 'number_after', from: 'pageToken', prefix: START_AT },
      },
      answer: SearchAnswer,
      result({ issues, next_page_token, start_at, total }) {
        const end = (start_at ?? 0) + issues.length
        const hasMore = issues.length > 0 && total != null && total > end
        const nextPageToken = next_page_token ?? (hasMore ? `${START_AT}${end}` : undefined)
        return { issues, ...(nextPageToken !== undefined && { nextPageToken }), isLast: nextPageToken === undefined }
      },
    }),
    getIssue: operation('getIssue', {
      tool: 'jira_get_issue',
      arguments: {
        issue_key: field('key'),
        comment_limit: field('comments'),
        fields: { kind: 'constant', value: ISSUE_FIELDS },
      },
      answer: IssueAnswer,
      result: (issue) => issue,
    }),
    createIssue: operation('createIssue', {
      tool: 'jira_create_issue',
      arguments: {
        project_key: field('project'),
        summary: field('summary'),
        issue_type: field('type'),
        assignee: field('assignee'),
        description: field('description'),
        additional_fields: {
          kind: 'json_text',
          of: { priority: { kind: 'named', from: 'priority' }, labels: field('labels'), parent: field('parent') },
          spread: 'fields',
        },
      },
      answer: WrittenAnswer,
      result: ({ issue }) => written(issue),
    }),
    updateIssue: operation('updateIssue', {
      tool: 'jira_update_issue',
      arguments: {
        issue_key: field('key'),
        fields: {
          kind: 'json_text',
          of: { summary: field('summary'), description: field('description'), assignee: field('assignee') },
        },
        additional_fields: {
          kind: 'json_text',
          of: { priority: { kind: 'named', from: 'priority' }, labels: field('labels') },
          spread: 'fields',
        },
      },
      answer: WrittenAnswer,
      result: ({ issue }, { key }) => ({ key, ...written(issue) }),
    }),
    getTransitions: operation('getTransitions', {
      tool: 'jira_get_transitions',
      arguments: { issue_key: field('key') },
      answer: TransitionsAnswer,
      result: (transitions, { key }) => ({
        key,
        transitions: transitions.map(({ id, name, to_status }) => ({
          id,
          name,
          to: { name: typeof to_status === 'string' ? to_status : (to_status?.name ?? name), category: 'undefined' },
          requiredFields: [],
        })),
      }),
    }),
    transition: operation('transition', {
      tool: 'jira_transition_issue',
      arguments: {
        issue_key: field('key'),
        transition_id: field('to'),
        comment: field('comment'),
        fields: { kind: 'json_text', of: {}, spread: 'fields' },
      },
      answer: WrittenAnswer,
      result: ({ issue }, { key }) => ({
        key,
        ...written(issue),
        ...(issue != null && { status: issue.status }),
      }),
    }),
    addComment: operation('addComment', {
      tool: 'jira_add_comment',
      arguments: { issue_key: field('key'), body: field('body') },
      answer: CommentWritten,
      result: ({ id }, { key }) => ({ isDryRun: false, key, id }),
    }),
    listProjects: operation('listProjects', {
      tool: 'jira_get_all_projects',
      arguments: {},
      local: ['query', 'limit'],
      answer: ProjectsAnswer,
      result(all, { query = '', limit }) {
        const wanted = query.toLowerCase()
        const fitting = all.filter(({ key, name }) => `${key}\n${name}`.toLowerCase().includes(wanted))
        const projects = fitting.slice(0, limit).map(({ id, key, name, projectTypeKey: type }) => {
          return { id: id ?? key, key, name, ...(type != null && { type }) }
        })
        return { projects, total: fitting.length }
      },
    }),
    listIssueTypes: operation('listIssueTypes', {
      tool: 'jira_get_project_issue_types',
      arguments: { project_key: field('project') },
      answer: IssueTypesAnswer,
      result: (types, { project }) => ({
        project,
        types: types.map(({ id, name, subtask }) => ({ id, name, isSubtask: subtask ?? false })),
      }),
    }),
    findUsers: operation('findUsers', {
      tool: 'jira_get_user_profile',
      arguments: { user_identifier: field('query') },
      local: ['limit'],
      answer: UserAnswer,
      result: ({ user }) => ({ users: user === undefined ? [] : [user] }),
    }),
  },
}

function written(issue: IssueSummary | null | undefined): { isDryRun: boolean; key?: string; url?: string } {
  return { isDryRun: false, ...(issue != null && { key: issue.key, ...(issue.url !== '' && { url: issue.url }) }) }
}

/** An operation under our own words: every field goes as it is. */
function own<Name extends OperationName>(name: Name, tool: string): OperationMapping<Name> {
  const { input, output } = OPERATIONS[name].shape
  const sources: Sources = Object.fromEntries(Object.keys(input.shape).map((key) => [key, field(key)]))
  return {
    tool,
    arguments: sources,
    local: [],
    // proof: the schema is the one this type is inferred from
    read: (answer) => output.parse(answer) as OperationOutput<Name>,
  }
}
