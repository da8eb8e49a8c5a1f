import { type Call, created, isRecord, listOf, ok, page, pageOf, type Route, requireWrite } from '../call.ts'
import { DEFAULT_PRIORITY, LINK_TYPES, PRIORITIES, referred } from '../catalog.ts'
import { insertComment } from '../comments.ts'
import { badRequest, notFound } from '../failure.ts'
import { FIELDS, NAVIGABLE } from '../fields.ts'
import { findIssue, type IssueRow } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { visibleProjects } from '../projects.ts'
import { jiraTime } from '../timestamps.ts'
import { commentBody } from './comments.ts'

/** The site itself, and the lists that all of its projects share. */
export const SITE_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'serverInfo', run: serverInfo },
  { method: 'GET', path: 'field', run: () => ok(FIELDS.map(presentField)) },
  { method: 'GET', path: 'priority/search', run: priorities },
  { method: 'GET', path: 'label', run: labels },
  { method: 'GET', path: 'issueLinkType', run: linkTypes },
  { method: 'POST', path: 'issueLink', run: link },
]

function serverInfo({ site, dialect }: Call) {
  const isCloud = dialect.deploymentType === 'Cloud'
  return ok({
    baseUrl: site.baseUrl,
    version: isCloud ? '1001.0.0-SNAPSHOT' : '10.3.0',
    versionNumbers: isCloud ? [1001, 0, 0] : [10, 3, 0],
    deploymentType: dialect.deploymentType,
    buildNumber: 100_300,
    buildDate: '2026-01-01T00:00:00.000+0000',
    serverTime: jiraTime(site.nowMs()),
    scmInfo: '0000000000000000000000000000000000000000',
    serverTitle: 'Fake Jira',
  })
}

function presentField({ id, name, schema, clauseNames, isSettable }: (typeof FIELDS)[number]) {
  return {
    id,
    key: id,
    name,
    custom: schema.custom !== undefined,
    orderable: isSettable,
    navigable: NAVIGABLE.includes(id),
    searchable: clauseNames.length > 0,
    clauseNames,
    schema,
  }
}

function priorities(call: Call) {
  const presenter = createPresenter(call.site, call.dialect)
  const wanted = listOf(call.query, 'id')
  const found = PRIORITIES.filter(({ id }) => wanted.length === 0 || wanted.includes(id))
  const { values, ...bounds } = page(found, pageOf(call, { size: 50, max: 50 }))
  const shown = values.map(({ id, color }) => ({
    ...presenter.priority(id),
    statusColor: color,
    description: '',
    isDefault: id === DEFAULT_PRIORITY,
  }))
  return ok({ self: presenter.self('priority/search'), ...bounds, values: shown })
}

function labels(call: Call) {
  const { site, account } = call
  const keys = visibleProjects(site, account).map(({ key }) => key)
  const found = site.db
    .query<{ value: string }, string[]>(
      `SELECT DISTINCT value FROM search_index, json_each(labels)
       WHERE project_key IN (${keys.map(() => '?').join(', ')}) ORDER BY value`,
    )
    .all(...keys)
    .map(({ value }) => value)
  return ok(page(found, pageOf(call, { size: 1_000 })))
}

function linkTypes({ site, dialect }: Call) {
  const presenter = createPresenter(site, dialect)
  return ok({ issueLinkTypes: LINK_TYPES.map(({ id }) => presenter.linkType(id)) })
}

function link(call: Call) {
  const { site, account, body } = call
  requireWrite(call, 'link issues')
  const type = referred(LINK_TYPES, body.type)
  if (type === undefined) throw notFound("No issue link type with the given 'type' found.")
  const inward = linked(call, 'inwardIssue')
  const outward = linked(call, 'outwardIssue')
  if (inward.id === outward.id) throw badRequest('You cannot link an issue to itself.')
  site.db
    .query('INSERT INTO links (type_id, inward_id, outward_id) VALUES (?, ?, ?)')
    .run(type.id, inward.id, outward.id)
  if (isRecord(body.comment)) {
    insertComment(site, { issueId: inward.id, author: account.accountId, body: commentBody(call, body.comment.body) })
  }
  // the document wants a body of type JSON here, whatever is in it
  return created({})
}

function linked({ site, account, body }: Call, name: 'inwardIssue' | 'outwardIssue'): IssueRow {
  const reference = body[name]
  const idOrKey = isRecord(reference) ? (reference.key ?? reference.id) : undefined
  const issue = typeof idOrKey === 'string' ? findIssue(site, account, idOrKey) : undefined
  if (issue === undefined) throw notFound(`'${name}': issue does not exist or you do not have permission to see it.`)
  return issue
}
