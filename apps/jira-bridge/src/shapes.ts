import { z } from 'zod'

/** The bridge's own words for Jira: what its tools take and answer with, the same for Cloud and Data Center. */

export const IssueKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*-[1-9][0-9]*$/, 'must be an issue key such as DEMO-12')
  .describe('Issue key, such as DEMO-12')

export const User = z.object({
  accountId: z.string(),
  name: z.string(),
  email: z.string().optional(),
  isActive: z.boolean(),
})

export const Status = z.object({ name: z.string(), category: z.enum(['new', 'indeterminate', 'done', 'undefined']) })

export const IssueSummary = z.object({
  key: z.string(),
  id: z.string(),
  url: z.string().describe('Page of the issue for people'),
  summary: z.string(),
  type: z.string(),
  status: Status,
  priority: z.string().optional(),
  assignee: User.optional(),
  reporter: User.optional(),
  labels: z.array(z.string()),
  created: z.string().optional().describe('RFC 3339'),
  updated: z.string().optional().describe('RFC 3339'),
})

export const Comment = z.object({
  id: z.string(),
  author: User.optional(),
  body: z.string().describe('Markdown'),
  created: z.string(),
})

export const Issue = IssueSummary.extend({
  project: z.object({ key: z.string(), name: z.string() }),
  description: z.string().optional().describe('Markdown'),
  parent: z.string().optional().describe('Key of the parent issue'),
  components: z.array(z.string()),
  comments: z.object({ total: z.number().int(), latest: z.array(Comment) }),
})

export const Transition = z.object({
  id: z.string(),
  name: z.string(),
  to: Status,
  requiredFields: z.array(z.string()).describe('Fields that have to be given with it'),
})

export const Project = z.object({ id: z.string(), key: z.string(), name: z.string(), type: z.string().optional() })

export const FieldMeta = z.object({
  id: z.string(),
  name: z.string(),
  isRequired: z.boolean(),
  type: z.string(),
  allowedValues: z.array(z.string()).optional(),
})

export const IssueType = z.object({
  id: z.string(),
  name: z.string(),
  isSubtask: z.boolean(),
  fields: z.array(FieldMeta).optional(),
})

const dryRun = z.boolean().default(false).describe('Check what can be checked and send nothing')
const extraFields = z
  .record(z.string(), z.unknown())
  .optional()
  .describe('Further fields by Jira field id, as Jira takes them; none that has an argument of its own')

/** What a write answers with: what was done, or what would have been sent. */
const Written = z.object({
  isDryRun: z.boolean(),
  key: z.string().optional(),
  url: z.string().optional(),
  assignee: User.optional().describe('Who was found for `assignee`'),
  request: z.record(z.string(), z.unknown()).optional().describe('Of a dry run: the body that would have been sent'),
})

/** Input and output of every tool, by its name. */
export const TOOLS = {
  jira_search_issues: {
    input: z.object({
      jql: z
        .string()
        .min(1)
        .describe('Bounded JQL, such as: project = DEMO AND status = "To Do" ORDER BY updated DESC'),
      limit: z.number().int().min(1).max(1_000).default(50),
      pageToken: z.string().optional().describe('nextPageToken of the page before'),
    }),
    output: z.object({
      issues: z.array(IssueSummary),
      nextPageToken: z.string().optional(),
      isLast: z.boolean(),
    }),
  },
  jira_get_issue: {
    input: z.object({ key: IssueKey, comments: z.number().int().min(0).max(100).default(10) }),
    output: Issue,
  },
  jira_create_issue: {
    input: z.object({
      project: z.string().describe('Project key'),
      type: z.string().describe('Name or id of the issue type'),
      summary: z.string().min(1).max(255),
      description: z.string().optional().describe('Markdown'),
      assignee: z
        .string()
        .optional()
        .describe('Account id, e-mail or name; a name that fits several people is asked about'),
      priority: z.string().optional(),
      labels: z.array(z.string()).optional(),
      parent: IssueKey.optional(),
      fields: extraFields,
      dryRun,
    }),
    output: Written,
  },
  jira_update_issue: {
    input: z.object({
      key: IssueKey,
      summary: z.string().min(1).max(255).optional(),
      description: z.string().optional().describe('Markdown; replaces what is there'),
      assignee: z.string().nullable().optional().describe('Account id, e-mail or name; null for nobody'),
      priority: z.string().optional(),
      labels: z.array(z.string()).optional().describe('Replaces all labels'),
      fields: extraFields,
      dryRun,
    }),
    output: Written,
  },
  jira_get_transitions: {
    input: z.object({ key: IssueKey }),
    output: z.object({ key: z.string(), transitions: z.array(Transition) }),
  },
  jira_transition_issue: {
    input: z.object({
      key: IssueKey,
      to: z.string().describe('Name or id of the transition, or name of the status it leads to'),
      comment: z.string().optional().describe('Markdown'),
      fields: extraFields,
      dryRun,
    }),
    output: Written.extend({ status: Status.optional().describe('Status after it') }),
  },
  jira_add_comment: {
    input: z.object({ key: IssueKey, body: z.string().min(1).describe('Markdown'), dryRun }),
    output: Written.extend({ id: z.string().optional() }),
  },
  jira_list_projects: {
    input: z.object({ query: z.string().optional(), limit: z.number().int().min(1).max(1_000).default(50) }),
    output: z.object({ projects: z.array(Project), total: z.number().int() }),
  },
  jira_list_issue_types: {
    input: z.object({ project: z.string().describe('Project key'), withFields: z.boolean().default(false) }),
    output: z.object({ project: z.string(), types: z.array(IssueType) }),
  },
  jira_find_users: {
    input: z.object({
      query: z.string().min(1).describe('Part of a name or e-mail'),
      limit: z.number().int().min(1).max(100).default(10),
    }),
    output: z.object({ users: z.array(User) }),
  },
  jira_whoami: {
    input: z.object({}),
    output: z.object({ user: User, site: z.string(), permissions: z.record(z.string(), z.boolean()) }),
  },
} as const

export type ToolName = keyof typeof TOOLS
export type User = z.infer<typeof User>
export type Status = z.infer<typeof Status>
export type IssueSummary = z.infer<typeof IssueSummary>
export type Comment = z.infer<typeof Comment>
export type Issue = z.infer<typeof Issue>
export type Transition = z.infer<typeof Transition>
export type Project = z.infer<typeof Project>
export type FieldMeta = z.infer<typeof FieldMeta>
export type IssueType = z.infer<typeof IssueType>
export type ToolInput<Name extends ToolName> = z.input<(typeof TOOLS)[Name]['input']>
export type ToolOutput<Name extends ToolName> = z.output<(typeof TOOLS)[Name]['output']>
