import { isJsonObject } from '@bao-mcp/protocol/engine'
import type { JiraHttp } from './http.ts'
import { commonWire, requester } from './rest.ts'
import type { JiraWire, WireUsers } from './wire.ts'

const BASE = '/rest/api/2'

/**
 * Jira Data Center: version 2 of the REST interface, whose search pages by position, whose projects come all at once, and
 * whose people go by their user names.
 * @see https://developer.atlassian.com/server/jira/platform/rest/
 */
export function dataCenterWire(http: JiraHttp): JiraWire {
  const { get, post } = requester(http, BASE)
  return {
    ...commonWire(http, BASE),
    isIndexBehind: false,
    async search({ jql, fields, maxResults, pageToken }, waiting) {
      const startAt = pageToken === undefined ? 0 : Number(pageToken)
      const found = await post('search', waiting, { jql, fields, maxResults, startAt })
      return isJsonObject(found) ? { ...found, ...nextPage(found, startAt) } : found
    },
    async projects({ query = '', startAt, maxResults }, waiting) {
      const all = await get('project', waiting)
      const wanted = query.toLowerCase()
      const fitting = (Array.isArray(all) ? all.filter(isJsonObject) : []).filter(({ key, name }) =>
        [key, name].some((said) => typeof said === 'string' && said.toLowerCase().includes(wanted)),
      )
      return { values: fitting.slice(startAt, startAt + maxResults), total: fitting.length }
    },
    users: (query, waiting) => get('user/search', waiting, named(query)),
    assignable: ({ project, issueKey, ...query }, waiting) =>
      get('user/assignable/search', waiting, { ...named(query), project, issueKey }),
  }
}

function named({ query, accountId, maxResults }: WireUsers): Record<string, unknown> {
  return { username: accountId ?? query ?? '.', maxResults }
}

function nextPage(found: Record<string, unknown>, startAt: number): Record<string, unknown> {
  const count = Array.isArray(found.issues) ? found.issues.length : 0
  const total = typeof found.total === 'number' ? found.total : 0
  const isLast = count === 0 || startAt + count >= total
  return { isLast, ...(!isLast && { nextPageToken: String(startAt + count) }) }
}
