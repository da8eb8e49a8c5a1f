import { accountById } from '../accounts.ts'
import { type Call, created, isRecord, listOf, NO_CONTENT, ok, part, type Route, requireWrite } from '../call.ts'
import { DEFAULT_PRIORITY, ISSUE_TYPES } from '../catalog.ts'
import { changesOf, foldUpdates } from '../edits.ts'
import { badFields, badRequest } from '../failure.ts'
import {
  childrenOf,
  deleteIssue,
  type IssueRow,
  insertIssue,
  projectKeyOf,
  requireIssue,
  updateIssue,
} from '../issues.ts'
import { createPresenter } from '../present.ts'
import { presentIssue } from '../present-issue.ts'
import { findProject } from '../projects.ts'
import { type FieldContext, readAssignee, readFields } from '../read-fields.ts'
import { addCommentsOf } from './comments.ts'

/** Issues themselves: create, read, edit, assign, delete. */
export const ISSUE_ROUTES: readonly Route[] = [
  { method: 'POST', path: 'issue', run: create },
  { method: 'GET', path: 'issue/{key}', run: read },
  { method: 'PUT', path: 'issue/{key}', run: edit },
  { method: 'DELETE', path: 'issue/{key}', run: remove },
  { method: 'PUT', path: 'issue/{key}/assignee', run: assign },
]

function create(call: Call) {
  const { site, account, dialect } = call
  const { project: reference, ...fields } = fieldsOf(call)
  const idOrKey = isRecord(reference) ? (reference.key ?? reference.id) : undefined
  const project = typeof idOrKey === 'string' ? findProject(site, account, idOrKey) : undefined
  if (project === undefined) throw badFields({ project: 'Specify a valid project ID or key' })
  requireWrite(call, 'create issues in this project')
  const values = readFields(
    { summary: undefined, issuetype: undefined, ...fields },
    { site, account, dialect, project },
  )
  const type = ISSUE_TYPES.find(({ id }) => id === values.type_id)
  if (type === undefined || values.summary === undefined) throw badFields({ issuetype: 'Specify a valid issue type' })
  if (type.isSubtask && (values.parent_id ?? null) === null) {
    throw badFields({ parent: 'Issue type is a sub-task but parent issue key or id not specified.' })
  }
  const issue = insertIssue(site, {
    projectId: project.id,
    creator: account.accountId,
    values: {
      description: null,
      priority_id: DEFAULT_PRIORITY,
      assignee: null,
      reporter: account.accountId,
      parent_id: null,
      labels: '[]',
      components: '[]',
      due: null,
      points: null,
      ...values,
      summary: values.summary,
      type_id: type.id,
    },
  })
  addCommentsOf(call, issue)
  return created({
    id: String(issue.id),
    key: issue.key,
    self: createPresenter(site, dialect).self(`issue/${issue.id}`),
  })
}

function read(call: Call) {
  const { site, account, dialect, query } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  const options = { wanted: listOf(query, 'fields'), expand: listOf(query, 'expand') }
  return ok(presentIssue(createPresenter(site, dialect), issue, options))
}

function edit(call: Call) {
  const { site, account, dialect, query } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'edit issues in this project')
  const values = readFields(foldUpdates(fieldsOf(call), call.body.update, issue), contextOf(call, issue))
  const items = changesOf(issue, values, (id) => accountById(site, id))
  if (items.length > 0) updateIssue(site, issue, { author: account.accountId, values, items })
  addCommentsOf(call, issue)
  if (query.get('returnIssue') !== 'true') return NO_CONTENT
  return ok(presentIssue(createPresenter(site, dialect), requireIssue(site, account, issue.key), { wanted: [] }))
}

function assign(call: Call) {
  const { site, account } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'assign issues in this project')
  const values = { assignee: readAssignee(call.body, contextOf(call, issue)) }
  const items = changesOf(issue, values, (id) => accountById(site, id))
  if (items.length > 0) updateIssue(site, issue, { author: account.accountId, values, items })
  return NO_CONTENT
}

function remove(call: Call) {
  const { site, account, query } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'delete issues in this project')
  const subtasks = childrenOf(site, issue.id).filter(({ type_id }) => isSubtask(type_id))
  if (subtasks.length > 0 && query.get('deleteSubtasks') !== 'true') {
    throw badRequest(
      `The issue '${issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter to delete this issue and all its subtasks.`,
    )
  }
  for (const child of childrenOf(site, issue.id)) {
    if (isSubtask(child.type_id)) deleteIssue(site, child.id)
    else updateIssue(site, child, { author: account.accountId, values: { parent_id: null }, items: [] })
  }
  deleteIssue(site, issue.id)
  return NO_CONTENT
}

function fieldsOf({ body: { fields = {} } }: Call): Record<string, unknown> {
  if (!isRecord(fields)) throw badRequest("'fields' has to be an object.")
  return fields
}

function contextOf({ site, account, dialect }: Call, issue: IssueRow): FieldContext {
  return { site, account, dialect, project: { id: issue.project_id, key: projectKeyOf(issue) } }
}

function isSubtask(typeId: string): boolean {
  return ISSUE_TYPES.some(({ id, isSubtask }) => id === typeId && isSubtask)
}
