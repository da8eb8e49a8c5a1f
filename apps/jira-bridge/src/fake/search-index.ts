import type { Database } from 'bun:sqlite'
import { adfToText } from './adf.ts'
import { STATUSES } from './catalog.ts'
import { commentsOf } from './comments.ts'
import { type IssueRow, issueById, projectKeyOf } from './issues.ts'
import { searchable } from './words.ts'

/** What a search looks at: a copy of the issues that may lag behind them. */
export interface SearchIndex {
  /** Notes that an issue was written or deleted. */
  changed(issueId: number): void
  /** Brings the copy up to date, for these issues or for all. */
  catchUp(issueIds?: Iterable<number>): void
}

const COLUMNS = [
  'id',
  'project_key',
  'number',
  'status_id',
  'category',
  'type_id',
  'priority_rank',
  'resolution_id',
  'assignee',
  'reporter',
  'parent_id',
  'labels',
  'summary',
  'summary_words',
  'description_words',
  'comment_words',
  'all_words',
  'created',
  'updated',
] as const

/** @param isStale whether writes wait for `catchUp`, as on a busy site; otherwise they are seen at once */
export function createSearchIndex(db: Database, { isStale }: { isStale: boolean }): SearchIndex {
  const waiting = new Set<number>()
  const marks = COLUMNS.map((name) => `$${name}`).join(', ')

  function copy(issueId: number): void {
    waiting.delete(issueId)
    const issue = issueById({ db }, issueId)
    if (issue === undefined) {
      db.query('DELETE FROM search_index WHERE id = ?').run(issueId)
      return
    }
    db.query<unknown, Record<string, string | number | null>>(
      `INSERT OR REPLACE INTO search_index (${COLUMNS.join(', ')}) VALUES (${marks})`,
    ).run(entry(db, issue))
  }

  return {
    changed(issueId) {
      if (isStale) waiting.add(issueId)
      else copy(issueId)
    },
    catchUp(issueIds = [...waiting]) {
      for (const id of issueIds) if (waiting.has(id)) copy(id)
    },
  }
}

function entry(db: Database, issue: IssueRow): Record<(typeof COLUMNS)[number], string | number | null> {
  const description = issue.description === null ? '' : documentText(issue.description)
  const comments = commentsOf({ db }, issue.id).map(({ body }) => documentText(body))
  return {
    id: issue.id,
    project_key: projectKeyOf(issue),
    number: issue.number,
    status_id: issue.status_id,
    category: STATUSES.find(({ id }) => id === issue.status_id)?.category ?? 'new',
    type_id: issue.type_id,
    priority_rank: Number(issue.priority_id),
    resolution_id: issue.resolution_id,
    assignee: issue.assignee,
    reporter: issue.reporter,
    parent_id: issue.parent_id,
    labels: issue.labels,
    summary: issue.summary,
    summary_words: searchable(issue.summary),
    description_words: searchable(description),
    comment_words: searchable(...comments),
    all_words: searchable(issue.summary, description, ...comments),
    created: issue.created,
    updated: issue.updated,
  }
}

function documentText(json: string): string {
  return adfToText(JSON.parse(json))
}
