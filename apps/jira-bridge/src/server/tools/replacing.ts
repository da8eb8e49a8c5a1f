import { createHash } from 'node:crypto'
import type { CallContext } from '@bao-mcp/server'
import type { JiraPort } from '../../jira/port.ts'
import { confirm } from './confirm.ts'

/**
 * Asks a person before a description is replaced. It is read in every round, and the question is bound to what is read: whoever
 * agreed to lose one text is asked again about another.
 * @throws {Refusal} when the answer is no
 */
export async function confirmReplacing(
  jira: JiraPort,
  call: CallContext,
  { key, description }: { key: string; description: unknown },
): Promise<void> {
  const { description: before = '' } = await jira.issue(key, 0, call)
  if (before === '' || before === description) return
  const text = createHash('sha256').update(before).digest('base64url')
  await confirm(
    call,
    `replace-description ${text}`,
    `The description of ${key} (${before.length} characters) will be replaced`,
  )
}
