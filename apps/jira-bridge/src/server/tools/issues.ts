import type { CallContext, Tool } from '@bao-mcp/server'
import type { JiraPort, NewIssue } from '../../jira/port.ts'
import { pageOf } from '../../jira/read.ts'
import { confirm } from './confirm.ts'
import { type Arguments, jiraTool, READS } from './jira-tool.ts'
import { Refusal } from './refusal.ts'
import { resolveAssignee, resolveType } from './resolve.ts'

export function issueTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_get_issue', {
      title: 'Read an issue',
      description: 'One issue with its description and its newest comments, all as Markdown.',
      annotations: READS,
      run: ({ key, comments }, call) => jira.issue(key, comments, call),
    }),
    jiraTool('jira_create_issue', {
      title: 'Create an issue',
      description:
        'Creates an issue. Types and fields of a project: jira_list_issue_types. With `dryRun` everything is checked and the request is shown, but nothing is created.',
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
      singleUse: true,
      run: (args, call) => create(jira, args, call),
    }),
    jiraTool('jira_update_issue', {
      title: 'Change an issue',
      description:
        'Changes what is given and leaves the rest. A description and labels replace what was there. With `dryRun` the request is shown, but nothing is changed.',
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
      run: (args, call) => update(jira, args, call),
    }),
  ]
}

async function create(jira: JiraPort, args: Arguments<'jira_create_issue'>, call: CallContext) {
  const { project, type, assignee, dryRun, ...rest } = args
  const { id: typeId } = await resolveType(jira, call, { project, type })
  const person = assignee === undefined ? undefined : await resolveAssignee({ jira, call }, assignee, { project })
  const body = jira.bodies.create({ ...rest, project, typeId, assignee: person })
  if (!dryRun) return { isDryRun: false, ...(await jira.create(body, call)) }
  await mustHaveFields(jira, call, { project, typeId, body })
  return { isDryRun: true, request: body }
}

/** @throws {Refusal} naming what the project wants and the request does not have */
async function mustHaveFields(
  jira: JiraPort,
  call: CallContext,
  { project, typeId, body }: Pick<NewIssue, 'project' | 'typeId'> & { body: { [member: string]: unknown } },
): Promise<void> {
  const fields = await jira.fields({ project, typeId }, call)
  const given = new Set(Object.keys(Object(body.fields)))
  const missing = fields.filter(({ id, isRequired }) => isRequired && !given.has(id) && id !== 'reporter')
  if (missing.length === 0) return
  const named = missing.map(({ id, name }) => `${name} (${id})`).join(', ')
  throw new Refusal('invalid', `An issue of this type in ${project} also needs: ${named}. Give them in \`fields\`.`)
}

async function update(jira: JiraPort, args: Arguments<'jira_update_issue'>, call: CallContext) {
  const { key, assignee, dryRun, ...rest } = args
  if (assignee === undefined && Object.values(rest).every((value) => value === undefined)) {
    throw new Refusal(
      'invalid',
      `Nothing to change in ${key}: give a summary, description, assignee, priority, labels or fields.`,
    )
  }
  const person = assignee == null ? assignee : await resolveAssignee({ jira, call }, assignee, { issueKey: key })
  const body = jira.bodies.update({ ...rest, assignee: person })
  if (!dryRun && rest.description === undefined) return done()
  const before = await call.once('before', async () => (await jira.issue(key, 0, call)).description ?? '')
  if (dryRun) return { isDryRun: true, key, request: body }
  if (before !== '' && before !== rest.description) {
    await confirm(
      call,
      'replace-description',
      `The description of ${key} (${before.length} characters) will be replaced`,
    )
  }
  return done()

  async function done() {
    await jira.update(key, body, call)
    return { isDryRun: false, key, url: pageOf(await jira.site(call), key) }
  }
}
