import type { Tool } from '@bao-mcp/server'
import { JiraApiError } from '../../jira/errors.ts'
import type { JiraPort } from '../../jira/port.ts'
import type { IssueSummary } from '../../shapes.ts'
import { jiraTool, READS } from './jira-tool.ts'

/** Jira may give pages without issues that are not the last; past this many there is nothing to expect. */
const MAX_EMPTY_PAGES = 5

export function searchTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_search_issues', {
      title: 'Search issues',
      description:
        'Finds issues by JQL, as many as `limit` says, without their descriptions and comments. The JQL must bound the search, as by a project. Where `isLast` is false, `nextPageToken` goes on.',
      annotations: READS,
      async run({ jql, limit, pageToken }, call) {
        const issues: IssueSummary[] = []
        let token = pageToken
        for (let empty = 0; empty < MAX_EMPTY_PAGES; ) {
          const page = await jira.search({ jql, limit: limit - issues.length, pageToken: token }, call)
          if (page.nextPageToken !== undefined && page.nextPageToken === token) {
            throw new JiraApiError('unexpected', 'Jira gave the same page twice. Call again without pageToken.')
          }
          issues.push(...page.issues)
          token = page.nextPageToken
          if (page.issues.length === 0) empty++
          call.progress(issues.length, page.isLast ? issues.length : limit, `${issues.length} issues`)
          if (page.isLast || token === undefined || issues.length >= limit) break
        }
        return { issues, isLast: token === undefined, ...(token !== undefined && { nextPageToken: token }) }
      },
    }),
  ]
}
