import { INTERNAL_ERROR, INVALID_PARAMS, RpcError } from '@bao-mcp/protocol/engine'
import { type ResourceTemplate, resourceTemplate, type ServerLog } from '@bao-mcp/server'
import { JiraApiError } from '../jira/errors.ts'
import type { JiraPort } from '../jira/port.ts'
import { IssueKey } from '../shapes.ts'
import type { IssueKeys } from './issue-keys.ts'
import { issueText } from './issue-text.ts'

const COMMENTS = 20
const LISTED = 20

/** Issues to read, as Markdown and as JSON. */
export function issueResources(jira: JiraPort, keys: IssueKeys, log: Pick<ServerLog, 'warning'>): ResourceTemplate[] {
  return [
    resourceTemplate({
      uriTemplate: 'jira://issue/{key}',
      name: 'Issue',
      description: 'One issue with its description and newest comments: as Markdown, and as JSON for programs.',
      mimeType: 'text/markdown',
      complete: { key: (typed) => keys.completeKey(typed) },
      async read({ key = '' }, call) {
        const parsed = IssueKey.safeParse(key.toUpperCase())
        if (!parsed.success)
          throw new RpcError(INVALID_PARAMS, `key must be an issue key such as DEMO-12, got ${JSON.stringify(key)}`)
        try {
          const issue = await jira.issue(parsed.data, COMMENTS, call)
          return [
            { mimeType: 'text/markdown', text: issueText(issue) },
            { mimeType: 'application/json', text: JSON.stringify(issue) },
          ]
        } catch (error) {
          if (!(error instanceof JiraApiError)) throw error
          if (error.failure === 'not_found') return undefined
          throw new RpcError(INTERNAL_ERROR, error.message)
        }
      },
      async list() {
        try {
          const recent = await keys.recent()
          return recent.slice(0, LISTED).map(({ key, summary }) => ({
            uri: `jira://issue/${key}`,
            name: key,
            title: summary,
            mimeType: 'text/markdown',
          }))
        } catch (error) {
          // a list without them is better than no list; every other way to Jira will say what is wrong
          log.warning(`the recent issues could not be listed: ${error instanceof Error ? error.message : 'unknown'}`)
          return []
        }
      },
    }),
  ]
}
