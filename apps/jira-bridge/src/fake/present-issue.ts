import { commentsOf, worklogsOf } from './comments.ts'
import { FIELDS, NAVIGABLE, STORY_POINTS } from './fields.ts'
import { type ChangeItem, childrenOf, type IssueRow, issueById, labelsOf } from './issues.ts'
import type { Presenter } from './present.ts'
import { presentSteps } from './present-steps.ts'
import { componentsOf, type Project } from './projects.ts'
import { jiraTime } from './timestamps.ts'

/** An issue with the fields that were asked for.
 *  @param wanted field ids, `*all`, `*navigable`, and `-id` for what to leave out */
export function presentIssue(
  presenter: Presenter,
  issue: IssueRow,
  { wanted, expand = [] }: { wanted: readonly string[]; expand?: readonly string[] },
): Record<string, unknown> {
  const ids = chosen(wanted)
  return {
    expand: 'names,schema,transitions,changelog',
    id: String(issue.id),
    self: presenter.self(`issue/${issue.id}`),
    key: issue.key,
    fields: Object.fromEntries(ids.map((id) => [id, fieldValue(presenter, issue, id)])),
    ...(expand.includes('changelog') && { changelog: changelog(presenter, issue.id) }),
    ...(expand.includes('transitions') && { transitions: presentSteps(presenter, issue, { withFields: false }) }),
    ...(expand.includes('names') && { names: describe(ids, ({ name }) => name) }),
    ...(expand.includes('schema') && { schema: describe(ids, ({ schema }) => schema) }),
  }
}

function chosen(wanted: readonly string[]): string[] {
  const asked = wanted.length === 0 || wanted.every((id) => id.startsWith('-')) ? ['*all', ...wanted] : wanted
  const ids = new Set<string>()
  for (const id of asked) {
    if (id === '*all') for (const field of FIELDS) ids.add(field.id)
    else if (id === '*navigable') for (const navigable of NAVIGABLE) ids.add(navigable)
    else if (id.startsWith('-')) ids.delete(id.slice(1))
    else if (FIELDS.some((field) => field.id === id)) ids.add(id)
  }
  return [...ids]
}

function describe<Value>(ids: readonly string[], value: (field: (typeof FIELDS)[number]) => Value) {
  return Object.fromEntries(FIELDS.filter(({ id }) => ids.includes(id)).map((field) => [field.id, value(field)]))
}

function fieldValue(presenter: Presenter, issue: IssueRow, id: string): unknown {
  const { site } = presenter
  switch (id) {
    case 'summary':
      return issue.summary
    case 'issuetype':
      return presenter.type(issue.type_id)
    case 'project':
      return presenter.project(projectOf(presenter, issue.project_id))
    case 'parent':
      return issue.parent_id === null ? undefined : brief(presenter, issueById(site, issue.parent_id))
    case 'status':
      return presenter.status(issue.status_id)
    case 'resolution':
      return presenter.resolution(issue.resolution_id)
    case 'resolutiondate':
      return issue.resolved === null ? null : jiraTime(issue.resolved)
    case 'priority':
      return presenter.priority(issue.priority_id)
    case 'assignee':
    case 'reporter':
    case 'creator':
      return presenter.account(issue[id])
    case 'labels':
      return labelsOf(issue)
    case 'components':
      return components(presenter, issue)
    case 'created':
    case 'updated':
      return jiraTime(issue[id])
    case 'duedate':
      return issue.due
    case 'description':
      return presenter.document(issue.description)
    case 'subtasks':
      return childrenOf(site, issue.id)
        .filter(({ type_id }) => type_id === '10104')
        .map((child) => brief(presenter, child))
    case 'issuelinks':
      return links(presenter, issue.id)
    case 'timespent':
      return worklogsOf(site, issue.id).reduce((sum, { seconds }) => sum + seconds, 0) || null
    case STORY_POINTS:
      return issue.points
    case 'comment': {
      const comments = commentsOf(site, issue.id).map(presenter.comment)
      return { comments, self: presenter.self(`issue/${issue.id}/comment`), ...whole(comments.length) }
    }
    case 'worklog': {
      const worklogs = worklogsOf(site, issue.id).map(presenter.worklog)
      return { worklogs, ...whole(worklogs.length) }
    }
    default:
      return null
  }
}

function whole(total: number) {
  return { startAt: 0, maxResults: total, total }
}

function projectOf({ site }: Presenter, id: number): Project {
  const project = site.db.query<Project, [number]>('SELECT * FROM projects WHERE id = ?').get(id)
  if (project === null) throw new Error(`project ${id} is not stored`)
  return project
}

function components({ site, self }: Presenter, issue: IssueRow) {
  const ids: string[] = JSON.parse(issue.components)
  return componentsOf(site, issue.project_id)
    .filter(({ id }) => ids.includes(id))
    .map(({ id, name }) => ({ self: self(`component/${id}`), id, name }))
}

function brief(presenter: Presenter, issue: IssueRow | undefined): Record<string, unknown> | undefined {
  if (issue === undefined) return undefined
  return {
    id: String(issue.id),
    key: issue.key,
    self: presenter.self(`issue/${issue.id}`),
    fields: {
      summary: issue.summary,
      status: presenter.status(issue.status_id),
      priority: presenter.priority(issue.priority_id),
      issuetype: presenter.type(issue.type_id),
    },
  }
}

function links(presenter: Presenter, issueId: number) {
  return presenter.site.db
    .query<{ id: number; type_id: string; inward_id: number; outward_id: number }, [number]>(
      'SELECT * FROM links WHERE inward_id = ?1 OR outward_id = ?1 ORDER BY id',
    )
    .all(issueId)
    .map(({ id, type_id, inward_id, outward_id }) => ({
      id: String(id),
      self: presenter.self(`issueLink/${id}`),
      type: presenter.linkType(type_id),
      ...(inward_id === issueId
        ? { outwardIssue: brief(presenter, issueById(presenter.site, outward_id)) }
        : { inwardIssue: brief(presenter, issueById(presenter.site, inward_id)) }),
    }))
}

function changelog(presenter: Presenter, issueId: number) {
  const rows = presenter.site.db
    .query<{ id: number; author: string; created: number; items: string }, [number]>(
      'SELECT * FROM changes WHERE issue_id = ? ORDER BY id DESC',
    )
    .all(issueId)
  const histories = rows.map(({ id, author, created, items }) => {
    const changed: ChangeItem[] = JSON.parse(items)
    return {
      id: String(id),
      author: presenter.account(author),
      created: jiraTime(created),
      items: changed.map(withoutNulls),
    }
  })
  return { ...whole(histories.length), histories }
}

function withoutNulls(item: ChangeItem): Record<string, unknown> {
  const present = Object.entries(item).filter(([, value]) => value !== null)
  return { fieldtype: 'jira', fieldId: item.field, ...Object.fromEntries(present) }
}
