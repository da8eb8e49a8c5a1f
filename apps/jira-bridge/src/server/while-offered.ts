import { JiraApiError } from '../jira/errors.ts'
import type { JiraPort } from '../jira/port.ts'
import type { Waiting } from '../jira/wire.ts'
import type { ToolName } from '../shapes.ts'

/**
 * The same Jira, whose writes are not sent, and not sent again, once their tool is switched off: a call that is on its way
 * then may still wait for a person, or for Jira to take requests again.
 */
export function whileOffered(jira: JiraPort, isOn: (name: ToolName) => boolean): JiraPort {
  function only(name: ToolName, { signal }: Waiting): Waiting {
    function beforeSending(): void {
      if (isOn(name)) return
      throw new JiraApiError('forbidden', `${name} was switched off before this was sent. Nothing was changed.`)
    }
    return { signal, beforeSending }
  }
  return {
    ...jira,
    create: (body, waiting) => jira.create(body, only('jira_create_issue', waiting)),
    update: (key, body, waiting) => jira.update(key, body, only('jira_update_issue', waiting)),
    transition: (key, body, waiting) => jira.transition(key, body, only('jira_transition_issue', waiting)),
    addComment: (key, body, waiting) => jira.addComment(key, body, only('jira_add_comment', waiting)),
  }
}
