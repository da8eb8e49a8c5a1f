import type { Tool } from '@bao-mcp/server'
import { JiraApiError } from '../../jira/errors.ts'
import type { JiraPort } from '../../jira/port.ts'
import type { Waiting } from '../../jira/wire.ts'
import { PERMISSIONS } from '../offer.ts'
import { jiraTool, READS } from './jira-tool.ts'

export function userTools(jira: JiraPort): Tool[] {
  return [
    jiraTool('jira_find_users', {
      title: 'Find people',
      description:
        'People by a part of their name or e-mail, with the account ids that other tools take. Jira often keeps e-mails to itself.',
      annotations: READS,
      run: async ({ query, limit }, call) => ({ users: await jira.users({ query, limit }, call) }),
    }),
    jiraTool('jira_whoami', {
      title: 'Who am I',
      description: 'Whose account this is, on which site, and what it may do in some project at least.',
      annotations: READS,
      async run(_, call) {
        const [user, site, permissions] = await Promise.all([
          jira.whoAmI(call),
          jira.site(call),
          permissionsOf(jira, call),
        ])
        return { user, site, permissions }
      },
    }),
  ]
}

/** Some tokens may not ask what they may do; whose account it is can be told all the same. */
async function permissionsOf(jira: JiraPort, waiting: Waiting): Promise<Record<string, boolean>> {
  try {
    return (await jira.permissions(PERMISSIONS, waiting)) ?? {}
  } catch (error) {
    if (error instanceof JiraApiError && (error.failure === 'not_found' || error.failure === 'forbidden')) return {}
    throw error
  }
}
