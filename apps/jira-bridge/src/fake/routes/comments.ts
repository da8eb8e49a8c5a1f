import { type AdfNode, adfToText } from '../adf.ts'
import { type Call, created, isRecord, ok, page, pageOf, part, type Route, requireWrite } from '../call.ts'
import { commentsOf, insertComment, insertWorklog, tooLong, worklogsOf } from '../comments.ts'
import { badFields } from '../failure.ts'
import { type IssueRow, requireIssue } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { durationSeconds } from '../timestamps.ts'

/** What people leave on an issue: comments and logged work. */
export const COMMENT_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'issue/{key}/comment', run: listComments },
  { method: 'POST', path: 'issue/{key}/comment', run: addComment },
  { method: 'GET', path: 'issue/{key}/worklog', run: listWork },
  { method: 'POST', path: 'issue/{key}/worklog', run: addWork },
]

/** The text of a comment.
 *  @throws {JiraFailure} 400 for what is no text, for none, and for too much */
export function commentBody({ dialect, site }: Call, value: unknown): AdfNode {
  const document = dialect.readText(value)
  if (document === undefined) throw badFields({ comment: dialect.textExpectation })
  const text = adfToText(document)
  if (text.trim() === '') throw badFields({ comment: 'Comment body can not be empty!' })
  if (text.length > site.textLimit) throw badFields({ comment: tooLong(site.textLimit) })
  return document
}

/** Adds the comments that come with another write: `update.comment: [{ add: { body } }]`. */
export function addCommentsOf(call: Call, issue: IssueRow): void {
  const { update } = call.body
  const operations = isRecord(update) && Array.isArray(update.comment) ? update.comment : []
  for (const operation of operations) {
    const added = isRecord(operation) ? operation.add : undefined
    if (!isRecord(added)) throw badFields({ comment: "Field 'comment' only supports the operation 'add'" })
    insertComment(call.site, { issueId: issue.id, author: call.account.accountId, body: commentBody(call, added.body) })
  }
}

function listComments(call: Call) {
  const { site, account, dialect, query } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  const comments = commentsOf(site, issue.id)
  if (query.get('orderBy') === '-created') comments.reverse()
  const { values, isLast: _, ...bounds } = page(comments, pageOf(call, { size: 50, max: 5_000 }))
  return ok({ ...bounds, comments: values.map(createPresenter(site, dialect).comment) })
}

function addComment(call: Call) {
  const { site, account, dialect, body } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'comment on this issue')
  const comment = insertComment(site, {
    issueId: issue.id,
    author: account.accountId,
    body: commentBody(call, body.body),
  })
  return created(createPresenter(site, dialect).comment(comment))
}

function listWork(call: Call) {
  const { site, account, dialect } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  const { values, isLast: _, ...bounds } = page(worklogsOf(site, issue.id), pageOf(call, { size: 5_000 }))
  return ok({ ...bounds, worklogs: values.map(createPresenter(site, dialect).worklog) })
}

function addWork(call: Call) {
  const { site, account, dialect, body } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'log work on this issue')
  const seconds = secondsOf(body)
  if (seconds === undefined) throw badFields({ timeLogged: 'Invalid time entered' })
  const started = typeof body.started === 'string' ? Date.parse(body.started) : site.nowMs()
  if (Number.isNaN(started)) throw badFields({ started: 'Date has to look like 2026-01-31T09:30:00.000+0000' })
  const worklog = insertWorklog(site, {
    issue_id: issue.id,
    author: account.accountId,
    body: body.comment === undefined ? null : JSON.stringify(commentBody(call, body.comment)),
    seconds,
    started,
  })
  return created(createPresenter(site, dialect).worklog(worklog))
}

function secondsOf({ timeSpent, timeSpentSeconds }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof timeSpent === 'string') return durationSeconds(timeSpent)
  const isSeconds =
    typeof timeSpentSeconds === 'number' && Number.isSafeInteger(timeSpentSeconds) && timeSpentSeconds > 0
  return isSeconds ? timeSpentSeconds : undefined
}
