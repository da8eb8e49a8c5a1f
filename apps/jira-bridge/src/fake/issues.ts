import { type Account, sees } from './accounts.ts'
import { notFound } from './failure.ts'
import type { Site } from './site.ts'

/** An issue as it is stored. `description` is a document as JSON, `labels` and `components` are JSON lists of strings
 *  (component ids); times are milliseconds since 1970. */
export interface IssueRow {
  id: number
  key: string
  number: number
  project_id: number
  type_id: string
  status_id: string
  priority_id: string
  resolution_id: string | null
  summary: string
  description: string | null
  assignee: string | null
  reporter: string | null
  creator: string
  parent_id: number | null
  labels: string
  components: string
  due: string | null
  points: number | null
  created: number
  updated: number
  resolved: number | null
}

/** What a person can set; the names are those of the columns. */
export type IssueValues = Pick<
  IssueRow,
  | 'summary'
  | 'description'
  | 'priority_id'
  | 'assignee'
  | 'reporter'
  | 'parent_id'
  | 'labels'
  | 'components'
  | 'due'
  | 'points'
  | 'type_id'
>

export interface ChangeItem {
  field: string
  from: string | null
  fromString: string | null
  to: string | null
  toString: string | null
}

export function findIssue({ db }: Pick<Site, 'db'>, account: Account, idOrKey: string): IssueRow | undefined {
  const row = db
    .query<IssueRow, [string]>('SELECT * FROM issues WHERE key = upper(?1) OR CAST(id AS TEXT) = ?1')
    .get(idOrKey)
  return row !== null && sees(account, projectKeyOf(row)) ? row : undefined
}

/** @throws {JiraFailure} 404 when there is none, or none that the account may see */
export function requireIssue(site: Pick<Site, 'db'>, account: Account, idOrKey: string): IssueRow {
  const issue = findIssue(site, account, idOrKey)
  if (issue === undefined) throw notFound('Issue does not exist or you do not have permission to see it.')
  return issue
}

export function issueById({ db }: Pick<Site, 'db'>, id: number): IssueRow | undefined {
  return db.query<IssueRow, [number]>('SELECT * FROM issues WHERE id = ?').get(id) ?? undefined
}

/** Issues directly below one, by number. */
export function childrenOf({ db }: Pick<Site, 'db'>, id: number): IssueRow[] {
  return db.query<IssueRow, [number]>('SELECT * FROM issues WHERE parent_id = ? ORDER BY number').all(id)
}

export function projectKeyOf({ key }: Pick<IssueRow, 'key'>): string {
  return key.slice(0, key.lastIndexOf('-'))
}

export function labelsOf({ labels }: Pick<IssueRow, 'labels'>): string[] {
  return JSON.parse(labels)
}

/** Stores a new issue with the next number of its project. */
export function insertIssue(
  site: Site,
  { projectId, creator, values }: { projectId: number; creator: string; values: IssueValues },
  nowMs: number = site.nowMs(),
): IssueRow {
  const project = site.db
    .query<{ key: string; last_number: number }, [number]>(
      'UPDATE projects SET last_number = last_number + 1 WHERE id = ? RETURNING key, last_number',
    )
    .get(projectId)
  if (project === null) throw new Error(`project ${projectId} is not stored`)
  const row = {
    ...values,
    key: `${project.key}-${project.last_number}`,
    number: project.last_number,
    project_id: projectId,
    status_id: '10000',
    creator,
    created: nowMs,
    updated: nowMs,
  }
  const columns = Object.keys(row)
  const stored = site.db
    .query<IssueRow, typeof row>(
      `INSERT INTO issues (${columns.join(', ')}) VALUES (${columns.map((name) => `$${name}`).join(', ')}) RETURNING *`,
    )
    .get(row)
  if (stored === null) throw new Error(`issue ${row.key} was not stored`)
  site.index.changed(stored.id)
  return stored
}

/** Changes columns of an issue and keeps what changed in its history. */
export function updateIssue(
  site: Site,
  issue: IssueRow,
  { author, values, items }: { author: string; values: Partial<IssueRow>; items: readonly ChangeItem[] },
  nowMs: number = site.nowMs(),
): void {
  const row = { ...values, updated: nowMs }
  const sets = Object.keys(row).map((name) => `${name} = $${name}`)
  site.db
    .query<unknown, Record<string, string | number | null>>(`UPDATE issues SET ${sets.join(', ')} WHERE id = $id`)
    .run({ ...row, id: issue.id })
  if (items.length > 0) {
    site.db
      .query('INSERT INTO changes (issue_id, author, created, items) VALUES (?, ?, ?, ?)')
      .run(issue.id, author, nowMs, JSON.stringify(items))
  }
  site.index.changed(issue.id)
}

export function deleteIssue({ db, index }: Site, id: number): void {
  for (const table of ['comments', 'worklogs', 'changes']) db.query(`DELETE FROM ${table} WHERE issue_id = ?`).run(id)
  db.query('DELETE FROM links WHERE inward_id = ?1 OR outward_id = ?1').run(id)
  db.query('DELETE FROM issues WHERE id = ?').run(id)
  index.changed(id)
}
