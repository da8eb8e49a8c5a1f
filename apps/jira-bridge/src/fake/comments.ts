import type { AdfNode } from './adf.ts'
import type { Site } from './site.ts'

export interface CommentRow {
  id: number
  issue_id: number
  author: string
  /** A document as JSON. */
  body: string
  created: number
  updated: number
}

export interface WorklogRow {
  id: number
  issue_id: number
  author: string
  /** A document as JSON. */
  body: string | null
  seconds: number
  started: number
  created: number
}

/** Comments of an issue, oldest first. */
export function commentsOf({ db }: Pick<Site, 'db'>, issueId: number): CommentRow[] {
  return db.query<CommentRow, [number]>('SELECT * FROM comments WHERE issue_id = ? ORDER BY id').all(issueId)
}

export function insertComment(
  site: Site,
  { issueId, author, body }: { issueId: number; author: string; body: AdfNode },
  nowMs: number = site.nowMs(),
): CommentRow {
  const row = site.db
    .query<CommentRow, [number, string, string, number]>(
      'INSERT INTO comments (issue_id, author, body, created, updated) VALUES (?1, ?2, ?3, ?4, ?4) RETURNING *',
    )
    .get(issueId, author, JSON.stringify(body), nowMs)
  if (row === null) throw new Error(`comment on issue ${issueId} was not stored`)
  touch(site, issueId, nowMs)
  return row
}

/** Work logged on an issue, oldest first. */
export function worklogsOf({ db }: Pick<Site, 'db'>, issueId: number): WorklogRow[] {
  return db.query<WorklogRow, [number]>('SELECT * FROM worklogs WHERE issue_id = ? ORDER BY started, id').all(issueId)
}

export function insertWorklog(site: Site, row: Omit<WorklogRow, 'id' | 'created'>): WorklogRow {
  const nowMs = site.nowMs()
  const stored = site.db
    .query<WorklogRow, [number, string, string | null, number, number, number]>(
      'INSERT INTO worklogs (issue_id, author, body, seconds, started, created) VALUES (?, ?, ?, ?, ?, ?) RETURNING *',
    )
    .get(row.issue_id, row.author, row.body, row.seconds, row.started, nowMs)
  if (stored === null) throw new Error(`work on issue ${row.issue_id} was not stored`)
  touch(site, row.issue_id, nowMs)
  return stored
}

export function tooLong(limit: number): string {
  return `The entered text is too long. It exceeds the allowed limit of ${limit} characters.`
}

function touch({ db, index }: Site, issueId: number, nowMs: number): void {
  db.query('UPDATE issues SET updated = ? WHERE id = ?').run(nowMs, issueId)
  index.changed(issueId)
}
