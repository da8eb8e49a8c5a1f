import type { CallContext, Tool } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import { confirm } from './confirm.ts'
import { type Arguments, jiraTool, READS } from './jira-tool.ts'
import { linkBeforeWrite } from './link.ts'
import { CREATE_FIELDS, mustNotHold } from './own-fields.ts'
import { Refusal } from './refusal.ts'
import { confirmReplacing } from './replacing.ts'
import { resolveTransition } from './resolve.ts'

export function transitionTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_get_transitions', {
      title: 'List transitions',
      description: 'What can be done to an issue now, by this account: each transition with the status it leads to.',
      annotations: READS,
      run: async ({ key }, call) => ({ key, transitions: await jira.transitions(key, call) }),
    }),
    jiraTool('jira_transition_issue', {
      title: 'Move an issue',
      description:
        'Takes an issue through a transition, by its name or id or by the status it leads to. With `dryRun` the request is shown, but nothing is changed.',
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
      singleUse: true,
      run: (args, call) => transition(jira, args, call),
    }),
  ]
}

async function transition(jira: JiraPort, args: Arguments<'jira_transition_issue'>, call: CallContext) {
  const { key, to, comment, fields, dryRun } = args
  const step = await resolveTransition({ jira, call }, { key, to })
  // what a transition asks for has no other way in
  const free = CREATE_FIELDS.filter((field) => !step.requiredFields.includes(field))
  mustNotHold(fields, free, 'this transition does not ask for them, so change them with jira_update_issue.')
  const missing = step.requiredFields.filter((field) => fields?.[field] === undefined)
  if (missing.length > 0) {
    throw new Refusal(
      'invalid',
      `The transition ${JSON.stringify(step.name)} of ${key} needs: ${missing.join(', ')}. Give them in \`fields\`, as Jira takes them, such as {"resolution": {"name": "Done"}}.`,
    )
  }
  const body = jira.bodies.transition({ id: step.id, comment, fields })
  if (dryRun) return { isDryRun: true, key, status: step.to, request: body }
  const link = await linkBeforeWrite(jira, call)
  const description = fields?.description
  if (description !== undefined) await confirmReplacing(jira, call, { key, description })
  if (step.to.category === 'done') await confirm(call, 'done', `${key} will be ${step.to.name}`)
  await jira.transition(key, body, call)
  return { isDryRun: false, key, ...link(key), status: step.to }
}
