import { type Call, isRecord, listOf, ok, type Route, wholeNumber } from '../call.ts'
import { badRequest, JiraFailure } from '../failure.ts'
import { issueById } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { presentIssue } from '../present-issue.ts'
import { countIssues, searchPage } from '../search.ts'

const DEFAULT_PAGE = 50
const MAX_PAGE = 100
const MAX_PAGE_OF_IDS = 5_000
const MAX_RECONCILED = 50

/** Search of Cloud: pages by token, no total, ids alone unless fields are given. */
export const SEARCH_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'search/jql', run: (call) => search(call, fromQuery(call)) },
  { method: 'POST', path: 'search/jql', run: (call) => search(call, call.body) },
  { method: 'POST', path: 'search/approximate-count', run: count },
  { method: 'GET', path: 'search', run: removed },
  { method: 'POST', path: 'search', run: removed },
]

function search({ site, account, dialect }: Call, request: Readonly<Record<string, unknown>>) {
  const wanted = strings(request.fields, 'fields')
  const isIdsOnly = wanted.every((id) => id === 'id')
  const asked = wholeNumber(request.maxResults, 'maxResults', DEFAULT_PAGE)
  const token = request.nextPageToken
  site.index.catchUp(reconciled(request.reconcileIssues))
  const { ids, nextPageToken } = searchPage(site, account, {
    jql: jqlOf(request),
    maxResults: Math.min(Math.max(asked, 1), isIdsOnly ? MAX_PAGE_OF_IDS : MAX_PAGE),
    ...(typeof token === 'string' && token !== '' && { token }),
  })
  const presenter = createPresenter(site, dialect)
  const expand = typeof request.expand === 'string' ? request.expand.split(',') : []
  const issues = ids.flatMap((id) => {
    if (isIdsOnly) return [{ id: String(id) }]
    const issue = issueById(site, id)
    // the index may still know an issue that is gone
    return issue === undefined ? [] : [presentIssue(presenter, issue, { wanted, expand })]
  })
  return ok({ issues, ...(nextPageToken !== undefined && { nextPageToken }), isLast: nextPageToken === undefined })
}

function count({ site, account, body }: Call) {
  return ok({ count: countIssues(site, account, { jql: jqlOf(body) }) })
}

function removed(): never {
  throw new JiraFailure(410, {
    errorMessages: [
      'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
    ],
  })
}

function fromQuery({ query }: Call): Record<string, unknown> {
  const single = ['jql', 'nextPageToken', 'maxResults', 'expand'].flatMap((name) => {
    const value = query.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(single),
    fields: listOf(query, 'fields'),
    reconcileIssues: listOf(query, 'reconcileIssues').map(Number),
  }
}

function jqlOf({ jql = '' }: Readonly<Record<string, unknown>>): string {
  if (typeof jql !== 'string')
    throw badRequest(`'jql' has to be a string, not ${isRecord(jql) ? 'an object' : typeof jql}.`)
  return jql
}

function strings(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value
  throw badRequest(`'${name}' has to be a list of strings.`)
}

function reconciled(value: unknown): number[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every((id) => Number.isSafeInteger(id))) {
    throw badRequest("'reconcileIssues' has to be a list of issue ids.")
  }
  if (value.length > MAX_RECONCILED) throw badRequest(`'reconcileIssues' takes at most ${MAX_RECONCILED} issues.`)
  return value
}
