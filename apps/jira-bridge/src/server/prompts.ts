import type { PromptMessage } from '@bao-mcp/protocol'
import { INTERNAL_ERROR, INVALID_PARAMS, RpcError } from '@bao-mcp/protocol/engine'
import { type CallContext, type Prompt, prompt } from '@bao-mcp/server'
import { JiraApiError } from '../jira/errors.ts'
import type { JiraPort } from '../jira/port.ts'
import { IssueKey } from '../shapes.ts'
import { type IssueKeys, quoted } from './issue-keys.ts'
import { issueLine, issueText } from './issue-text.ts'

const COMMENTS = 10
const MAX_UNTRIAGED = 20
const MAX_CHANGED = 100
const SINCE = ['-1d', '-2d', '-3d', '-7d']
const PERIOD = /^-\d{1,4}[mhdw]$|^\d{4}-\d{2}-\d{2}$/

/** Two conversations to begin: sorting what came in, and what happened lately. What Jira holds comes along as data. */
export function bridgePrompts(jira: JiraPort, keys: IssueKeys): Prompt[] {
  const project = {
    name: 'project',
    description: 'Project key',
    complete: (typed: string) => keys.completeProject(typed),
  } as const
  return [
    prompt({
      name: 'triage',
      title: 'Triage',
      description:
        'Judges one issue, or what nobody has taken on yet in a project: type, priority, what is missing, who should take it.',
      arguments: [
        project,
        {
          name: 'issue',
          description: 'Issue key; without it, the unassigned open issues of the project',
          complete: (typed) => keys.completeKey(typed),
        },
      ],
      run: (args, call) => explained(() => triage(jira, args, call)),
    }),
    prompt({
      name: 'standup',
      title: 'Stand-up',
      description: 'What changed in a project since a day, as a short report for the team.',
      arguments: [
        { ...project, required: true },
        {
          name: 'since',
          description: 'A period such as -1d, or a day such as 2026-01-31. Default -1d',
          complete: (typed) => SINCE.filter((one) => one.startsWith(typed)),
        },
      ],
      run: ({ project, since = '-1d' }, call) => explained(() => standup(jira, { project, since }, call)),
    }),
  ]
}

async function triage(
  jira: JiraPort,
  { project, issue }: { project?: string; issue?: string },
  call: CallContext,
): Promise<PromptMessage[]> {
  const ask =
    'Triage this. For each issue say: is the type right, which priority it should have and why, what a developer would still have to ask, whether it looks like a duplicate (search for it), and who could take it. Propose changes; make them only when I agree.'
  if (issue !== undefined && issue !== '') {
    const key = IssueKey.safeParse(issue.toUpperCase())
    if (!key.success)
      throw new RpcError(INVALID_PARAMS, `issue must be an issue key such as DEMO-12, got ${JSON.stringify(issue)}`)
    const found = await jira.issue(key.data, COMMENTS, call)
    return [said(ask), embedded(`jira://issue/${found.key}`, issueText(found))]
  }
  if (project === undefined || project === '') throw new RpcError(INVALID_PARAMS, 'give an issue, or a project')
  const jql = `project = ${quoted(project)} AND assignee IS EMPTY AND statusCategory != Done ORDER BY created DESC`
  const { issues } = await jira.search({ jql, limit: MAX_UNTRIAGED }, call)
  return [said(ask), listed(jql, `Open and unassigned in ${project}`, issues.map(issueLine))]
}

async function standup(
  jira: JiraPort,
  { project, since }: { project: string; since: string },
  call: CallContext,
): Promise<PromptMessage[]> {
  if (!PERIOD.test(since))
    throw new RpcError(
      INVALID_PARAMS,
      `since must be a period such as -1d or a day such as 2026-01-31, got ${JSON.stringify(since)}`,
    )
  const jql = `project = ${quoted(project)} AND updated >= ${quoted(since)} ORDER BY updated DESC`
  const { issues, isLast } = await jira.search({ jql, limit: MAX_CHANGED }, call)
  return [
    said(
      `Write a stand-up report of project ${project} since ${since}: what was finished, what is being worked on and by whom, what is stuck. Read an issue where its line does not say enough. At most 15 lines.`,
    ),
    listed(jql, `Changed since ${since}${isLast ? '' : ' (the latest of them)'}`, issues.map(issueLine)),
  ]
}

function said(text: string): PromptMessage {
  return { role: 'user', content: { type: 'text', text } }
}

/** What Jira holds is never the words of the user. */
function embedded(uri: string, text: string): PromptMessage {
  return { role: 'user', content: { type: 'resource', resource: { uri, mimeType: 'text/markdown', text } } }
}

function listed(jql: string, title: string, lines: readonly string[]): PromptMessage {
  const text = `${title}:\n\n${lines.length === 0 ? 'Nothing.' : lines.join('\n')}`
  return embedded(`jira://search?jql=${encodeURIComponent(jql)}`, text)
}

/** A prompt has no result that failed, so the error says what Jira said. */
async function explained<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof JiraApiError)) throw error
    const isArgument = error.failure === 'not_found' || error.failure === 'invalid'
    throw new RpcError(isArgument ? INVALID_PARAMS : INTERNAL_ERROR, error.message)
  }
}
