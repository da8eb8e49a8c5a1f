import { TOOLS } from '../shapes.ts'
import type { Ask } from './caller.ts'
import type { Stage } from './stage.ts'

/** JQL must bound what it searches; this bounds it on any site. */
const RECENT = 'updated >= -365d ORDER BY updated DESC'
const SHOWN = 4
const MOST_TEXT_LINES = 6

/** The session itself. @param project where an issue is made; without one, nothing is written */
export async function playSession(ask: Ask, stage: Pick<Stage, 'title'>, project: string | undefined): Promise<void> {
  stage.title(project === undefined ? 'Search: what changed lately?' : `Search: what is open in ${project}?`)
  const jql = project === undefined ? RECENT : `project = "${project}" AND statusCategory != Done ORDER BY updated DESC`
  const { issues } = await ask({
    path: '/search',
    body: { jql, limit: SHOWN },
    answer: TOOLS.jira_search_issues.output,
    show: ({ issues: found }) => [
      ...found.map(({ key, status, summary }) => `${key.padEnd(9)} ${status.name.padEnd(12)} ${summary}`),
      ...(found.length === 0 ? ['no issue fits'] : []),
    ],
  })

  const key = project === undefined ? issues[0]?.key : await create(ask, stage, project)
  if (key === undefined) return

  stage.title(`Transitions: where can ${key} go from here?`)
  const { transitions } = await ask({
    path: `/issues/${key}/transitions`,
    answer: TOOLS.jira_get_transitions.output,
    show: (answer) => answer.transitions.map(({ id, name, to }) => `${name} (${id}) to ${to.name}`),
  })

  if (project !== undefined) {
    const started = transitions.find(({ to, requiredFields }) => to.category === 'indeterminate' && !requiredFields[0])
    if (started !== undefined) await transition(ask, stage, { key, to: started.name })
    await comment(ask, stage, key)
  }

  stage.title(`Read: ${key} as it is now`)
  await ask({
    path: `/issues/${key}`,
    answer: TOOLS.jira_get_issue.output,
    show: ({ status, summary, description = '', comments }) => [
      `${key}: ${summary} (${status.name})`,
      ...description.split('\n', MOST_TEXT_LINES).filter((line) => line !== ''),
      ...comments.latest.slice(0, 1).map(({ author, body }) => `${author?.name ?? 'somebody'} said: ${body}`),
    ],
  })
}

async function create(ask: Ask, stage: Pick<Stage, 'title'>, project: string): Promise<string | undefined> {
  stage.title('Create: a task, described in Markdown')
  const { key } = await ask({
    path: '/issues',
    body: {
      project,
      type: 'Task',
      summary: 'Try the Jira bridge',
      description: 'Made by the **demo**:\n\n- backend\n- typed client\n- MCP server\n- Jira',
    },
    answer: TOOLS.jira_create_issue.output,
    show: ({ key: made, url }) => [`${made}  ${url}`],
  })
  return key
}

async function transition(
  ask: Ask,
  stage: Pick<Stage, 'title'>,
  { key, to }: { key: string; to: string },
): Promise<void> {
  stage.title('Transition: by its name')
  await ask({
    path: `/issues/${key}/transitions`,
    body: { to },
    answer: TOOLS.jira_transition_issue.output,
    show: ({ status }) => [`${key} is ${status?.name}`],
  })
}

async function comment(ask: Ask, stage: Pick<Stage, 'title'>, key: string): Promise<void> {
  stage.title('Comment')
  await ask({
    path: `/issues/${key}/comments`,
    body: { body: 'It *works*: every line above was one call of a tool.' },
    answer: TOOLS.jira_add_comment.output,
    show: ({ id }) => [`comment ${id} on ${key}`],
  })
}
