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
        'Finds issues by JQL, as many as `limit` says, without their descriptions and comments. The JQL must bound the search, as by a project. Where `isLast` is false, `nextPageToken` goes on, if there is one.',
      annotations: READS,
      async run({ jql, limit, pageToken }, call) {
        const issues = new Map<string, IssueSummary>()
        const followed = new Set<string>()
        let token = pageToken
        let isLast = false
        for (let empty = 0; empty < MAX_EMPTY_PAGES; ) {
          if (token !== undefined) followed.add(token)
          const before = issues.size
          const page = await jira.search({ jql, limit: limit - before, pageToken: token }, call)
          for (const issue of page.issues) issues.set(issue.key, issue)
          isLast = page.isLast
          token = page.nextPageToken
          if (issues.size === before) empty++
          call.progress(issues.size, isLast ? issues.size : limit, `${issues.size} issues`)
          if (token !== undefined && followed.has(token)) {
            if (issues.size === 0) {
              throw new JiraApiError('unexpected', 'Jira gave the same page twice. Call again without pageToken.')
            }
            // what came is worth more than an error, but this token leads nowhere
            token = undefined
          }
          if (isLast || token === undefined || issues.size >= limit) break
        }
        return { issues: [...issues.values()], isLast, ...(token !== undefined && { nextPageToken: token }) }
      },
    }),
  ]
}
