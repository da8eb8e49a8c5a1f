import type { IssueSummary } from '../shapes.ts'
import { JiraError } from './jira-error.ts'
import type { OperationOutput } from './operations.ts'

export type SearchPage = OperationOutput<'search'>

/** Pages without an issue in a row, after which a server is taken for broken. */
const MOST_EMPTY_PAGES = 10

/**
 * Walks over the pages of a search until the last one, or until `limit` issues came.
 * @param read reads one page of at most `size` issues
 * @throws {JiraError} `failed`, when the server leads in a circle
 */
export async function* walkPages(
  read: (size: number, pageToken: string | undefined) => Promise<SearchPage>,
  { limit, pageSize }: { readonly limit: number; readonly pageSize: number },
): AsyncGenerator<IssueSummary[], void, undefined> {
  let left = limit
  let empty = 0
  let token: string | undefined
  const followed = new Set<string>()
  while (left > 0) {
    const { issues, nextPageToken, isLast } = await read(Math.min(left, pageSize), token)
    const page = issues.slice(0, left)
    left -= page.length
    if (page.length > 0) yield page
    if (isLast || nextPageToken === undefined) return
    empty = page.length === 0 ? empty + 1 : 0
    if (followed.has(nextPageToken) || empty === MOST_EMPTY_PAGES) {
      throw new JiraError('failed', `the server leads in a circle: page token "${nextPageToken.slice(0, 100)}"`)
    }
    token = nextPageToken
    followed.add(token)
  }
}
