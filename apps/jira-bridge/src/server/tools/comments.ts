import type { Tool } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import { jiraTool } from './jira-tool.ts'
import { linkBeforeWrite } from './link.ts'

export function commentTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_add_comment', {
      title: 'Comment on an issue',
      description:
        'Adds a comment, which everybody who sees the issue can read. With `dryRun` the request is shown, but nothing is added.',
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      async run({ key, body: markdown, dryRun }, call) {
        const body = jira.bodies.comment(markdown)
        if (dryRun) {
          await jira.issue(key, 0, call)
          return { isDryRun: true, key, request: body }
        }
        const link = await linkBeforeWrite(jira, call)
        const { id } = await jira.addComment(key, body, call)
        return { isDryRun: false, key, id, ...link(key) }
      },
    }),
  ]
}
