import { z } from 'zod'
import type { Comment, Issue, IssueSummary, Status, User } from '../shapes.ts'

/** What a server of mcp-atlassian's shapes answers with, read into our own words. */

const text = z.string().nullish()
const named = z.object({ name: z.string() }).nullish()

/** Nobody at all is told as a user without any identifier. */
const Person = z
  .object({ account_id: text, key: text, name: text, display_name: text, email: text })
  .transform(({ account_id, key, name, display_name, email }): User | undefined => {
    const accountId = account_id ?? key ?? name
    if (accountId == null) return undefined
    return { accountId, name: display_name ?? accountId, ...(email != null && { email }), isActive: true }
  })

const CATEGORIES: Readonly<Record<string, Status['category']>> = {
  'to do': 'new',
  'in progress': 'indeterminate',
  done: 'done',
}

const StatusAnswer = z.object({ name: z.string(), category: text }).transform(
  ({ name, category }): Status => ({
    name,
    category: CATEGORIES[category?.toLowerCase() ?? ''] ?? 'undefined',
  }),
)

const CommentAnswer = z
  .object({ id: z.coerce.string(), body: z.string(), author: Person.nullish(), created: text })
  .transform(({ id, body, author, created }): Comment => {
    return { id, body, created: created ?? '', ...(author != null && { author }) }
  })

export const SummaryAnswer = z
  .object({
    id: z.coerce.string(),
    key: z.string(),
    summary: z.string(),
    browse_url: text,
    url: text,
    issue_type: named,
    status: StatusAnswer.nullish(),
    priority: named,
    assignee: Person.nullish(),
    reporter: Person.nullish(),
    labels: z.array(z.string()).nullish(),
    created: text,
    updated: text,
  })
  .transform((issue): IssueSummary => {
    const { id, key, summary, priority, assignee, reporter, created, updated } = issue
    return {
      key,
      id,
      url: issue.browse_url ?? issue.url ?? '',
      summary,
      type: issue.issue_type?.name ?? '',
      status: issue.status ?? { name: '', category: 'undefined' },
      ...(priority != null && { priority: priority.name }),
      ...(assignee != null && { assignee }),
      ...(reporter != null && { reporter }),
      labels: issue.labels ?? [],
      ...(created != null && { created }),
      ...(updated != null && { updated }),
    }
  })

const Rest = z
  .object({
    project: z.object({ key: z.string(), name: text }).nullish(),
    description: text,
    parent: z.object({ key: z.string() }).nullish(),
    components: z.array(z.string()).nullish(),
    comments: z.array(CommentAnswer).nullish(),
  })
  .transform(({ project, description, parent, components, comments }) => ({
    project,
    ...(description != null && { description }),
    ...(parent != null && { parent: parent.key }),
    components: components ?? [],
    // the server tells no total: there are at least those that came
    comments: { total: comments?.length ?? 0, latest: comments ?? [] },
  }))

export const IssueAnswer = z.unknown().transform((answer): Issue => {
  const summary = SummaryAnswer.parse(answer)
  const { project, ...rest } = Rest.parse(answer)
  const key = project?.key ?? summary.key.slice(0, summary.key.lastIndexOf('-'))
  return { ...summary, project: { key, name: project?.name ?? key }, ...rest }
})

export const SearchAnswer = z.object({
  issues: z.array(SummaryAnswer),
  next_page_token: text,
  start_at: z.number().nullish(),
  total: z.number().nullish(),
})

export const WrittenAnswer = z.object({ issue: SummaryAnswer.nullish() })
export const CommentWritten = z.object({ id: z.coerce.string() })
export const TransitionsAnswer = z.array(
  z.object({ id: z.coerce.string(), name: z.string(), to_status: z.union([z.string(), named]) }),
)
export const ProjectsAnswer = z.array(
  z.object({ id: z.coerce.string().optional(), key: z.string(), name: z.string(), projectTypeKey: text }),
)
export const IssueTypesAnswer = z.array(
  z.object({ id: z.coerce.string(), name: z.string(), subtask: z.boolean().nullish() }),
)
export const UserAnswer = z.object({ user: Person })
export const SoftFailure = z.object({ success: z.literal(false), error: z.string() })
