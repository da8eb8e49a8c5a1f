import type { Account } from './accounts.ts'
import { compileJql } from './jql/compile.ts'
import { jqlContext } from './jql-context.ts'
import { visibleProjects } from './projects.ts'
import { type Bound, readToken, writeToken } from './search-token.ts'
import type { Site } from './site.ts'

export interface SearchPage {
  /** Ids of issues, in the order of the query. */
  ids: number[]
  /** Absent on the last page. */
  nextPageToken?: string
}

/** One page of a search. It starts after the values of the last row of the page before, so that a walk sees every issue
 *  that stays where it is exactly once, whatever is written meanwhile.
 *  @throws {JiraFailure} 400 for a query or a token that cannot be used */
export function searchPage(
  site: Site,
  account: Account,
  { jql, maxResults, token }: { jql: string; maxResults: number; token?: string },
): SearchPage {
  const { where, bindings, order, orderBy } = planned(site, account, { jql })
  const after = token === undefined ? undefined : readToken(token, { jql, count: order.length, nowMs: site.nowMs() })
  const start = after === undefined ? '' : `AND ${startsAfter(order)}`
  const rows = site.db
    .query<{ id: number; position: string }, Bound[]>(
      `SELECT id, json_array(${order.map(({ sql }) => sql).join(', ')}) AS position FROM search_index
       WHERE ${where} ${start} ORDER BY ${orderBy} LIMIT ?`,
    )
    .all(...bindings, ...prefixes(after ?? []), maxResults + 1)
  const shown = rows.slice(0, maxResults)
  const last = shown.at(-1)
  const ids = shown.map(({ id }) => id)
  if (last === undefined || rows.length <= maxResults) return { ids }
  return { ids, nextPageToken: writeToken({ jql, position: last.position, nowMs: site.nowMs() }) }
}

/** The ids of a query from one place on, as Data Center pages. */
export function searchOffset(
  site: Site,
  account: Account,
  { startAt, maxResults, ...query }: PlanOptions & { startAt: number; maxResults: number },
): number[] {
  const { where, bindings, orderBy } = planned(site, account, query)
  return site.db
    .query<{ id: number }, Bound[]>(`SELECT id FROM search_index WHERE ${where} ORDER BY ${orderBy} LIMIT ? OFFSET ?`)
    .all(...bindings, maxResults, startAt)
    .map(({ id }) => id)
}

/** How many issues a query finds.
 *  @throws {JiraFailure} 400 for a query that cannot be used */
export function countIssues(site: Site, account: Account, query: PlanOptions): number {
  const { where, bindings } = planned(site, account, query)
  const row = site.db
    .query<{ count: number }, Bound[]>(`SELECT count(*) AS count FROM search_index WHERE ${where}`)
    .get(...bindings)
  return row?.count ?? 0
}

interface PlanOptions {
  jql: string
  /** Whether the query may restrict nothing, as on Data Center. */
  mayBeUnbounded?: boolean
}

type Order = readonly { sql: string; isDescending: boolean }[]

function planned(site: Site, account: Account, { jql, mayBeUnbounded = false }: PlanOptions) {
  const compiled = compileJql(jql, jqlContext(site, account, { mayBeUnbounded }))
  const keys = visibleProjects(site, account).map(({ key }) => key)
  const order: Order = [...compiled.orderBy, { sql: 'id', isDescending: compiled.orderBy.length === 0 }]
  return {
    where: `project_key IN (${keys.map(() => '?').join(', ')}) AND ${compiled.where}`,
    bindings: [...keys, ...compiled.bindings],
    order,
    orderBy: order.map(({ sql, isDescending }) => `${sql}${isDescending ? ' DESC' : ''}`).join(', '),
  }
}

/** `(a > ?) OR (a = ? AND b > ?) OR …`, with `<` where the order descends. */
function startsAfter(order: Order): string {
  const options = order.map(({ sql, isDescending }, index) => {
    const equal = order.slice(0, index).map((term) => `${term.sql} = ? AND `)
    return `(${equal.join('')}${sql} ${isDescending ? '<' : '>'} ?)`
  })
  return `(${options.join(' OR ')})`
}

function prefixes(values: readonly Bound[]): Bound[] {
  return values.flatMap((_, index) => values.slice(0, index + 1))
}
