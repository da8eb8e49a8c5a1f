import type { CallContext, Tool } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import { checkCreate, checkUpdate } from './dry-run.ts'
import { type Arguments, jiraTool, READS } from './jira-tool.ts'
import { linkBeforeWrite } from './link.ts'
import { CREATE_FIELDS, mustNotHold, UPDATE_FIELDS } from './own-fields.ts'
import { Refusal } from './refusal.ts'
import { confirmReplacing } from './replacing.ts'
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
      singleUse: true,
      run: (args, call) => update(jira, args, call),
    }),
  ]
}

async function create(jira: JiraPort, args: Arguments<'jira_create_issue'>, call: CallContext) {
  const { project, type, assignee, dryRun, ...rest } = args
  mustNotHold(rest.fields, CREATE_FIELDS, 'give them by arguments of their own.')
  const { id: typeId } = await resolveType(jira, call, { project, type })
  const person = assignee === undefined ? undefined : await resolveAssignee({ jira, call }, assignee, { project })
  const body = jira.bodies.create({ ...rest, project, typeId, assignee: person })
  const named = person === undefined ? {} : { assignee: person }
  if (dryRun) {
    await checkCreate(jira, call, { project, typeId, priority: rest.priority, body })
    return { isDryRun: true, request: body, ...named }
  }
  const link = await linkBeforeWrite(jira, call)
  const { key } = await jira.create(body, call)
  return { isDryRun: false, key, ...link(key), ...named }
}

async function update(jira: JiraPort, args: Arguments<'jira_update_issue'>, call: CallContext) {
  const { key, assignee, dryRun, ...rest } = args
  if (assignee === undefined && Object.values(rest).every((value) => value === undefined)) {
    throw new Refusal(
      'invalid',
      `Nothing to change in ${key}: give a summary, description, assignee, priority, labels or fields.`,
    )
  }
  mustNotHold(rest.fields, UPDATE_FIELDS, 'give them by arguments of their own.')
  const person = assignee == null ? assignee : await resolveAssignee({ jira, call }, assignee, { issueKey: key })
  const body = jira.bodies.update({ ...rest, assignee: person })
  const named = person == null ? {} : { assignee: person }
  if (dryRun) {
    await checkUpdate(jira, call, { key, priority: rest.priority })
    return { isDryRun: true, key, request: body, ...named }
  }
  const link = await linkBeforeWrite(jira, call)
  const { description } = rest
  if (description !== undefined) await confirmReplacing(jira, call, { key, description })
  await jira.update(key, body, call)
  return { isDryRun: false, key, ...link(key), ...named }
}
