import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { CallContext } from '@bao-mcp/server'
import { JiraApiError } from '../../jira/errors.ts'
import type { JiraPort, NewIssue } from '../../jira/port.ts'
import type { FieldMeta } from '../../shapes.ts'
import { Refusal } from './refusal.ts'

/** What a dry run looks at. */
export interface Planned {
  priority?: string | undefined
  body: JsonObject
}

/** @throws {Refusal} naming what the project wants and the request does not have, or what it has and the project does not take */
export async function checkCreate(
  jira: JiraPort,
  call: CallContext,
  { project, typeId, priority, body }: Pick<NewIssue, 'project' | 'typeId'> & Planned,
): Promise<void> {
  const fields = await jira.fields({ project, typeId }, call)
  const given = new Set(Object.keys(Object(body.fields)))
  const missing = fields.filter(({ id, isRequired }) => isRequired && !given.has(id) && id !== 'reporter')
  if (missing.length > 0) {
    const named = missing.map(({ id, name }) => `${name} (${id})`).join(', ')
    throw new Refusal('invalid', `An issue of this type in ${project} also needs: ${named}. Give them in \`fields\`.`)
  }
  mustAllow(fields, priority)
}

/** @throws {Refusal} when the project does not take this priority, as far as Jira says what it takes */
export async function checkUpdate(
  jira: JiraPort,
  call: CallContext,
  { key, priority }: { key: string; priority: string | undefined },
): Promise<void> {
  const { project, type } = await jira.issue(key, 0, call)
  if (priority === undefined) return
  try {
    const known = (await jira.issueTypes(project.key, call)).find(({ name }) => name === type)
    if (known !== undefined) mustAllow(await jira.fields({ project: project.key, typeId: known.id }, call), priority)
  } catch (error) {
    // who may edit need not be allowed to see what new issues take
    const isHidden = error instanceof JiraApiError && ['forbidden', 'not_found', 'invalid'].includes(error.failure)
    if (!isHidden) throw error
  }
}

function mustAllow(fields: readonly FieldMeta[], priority: string | undefined): void {
  const allowed = fields.find(({ id }) => id === 'priority')?.allowedValues
  if (priority === undefined || allowed === undefined) return
  const wanted = priority.toLowerCase()
  if (allowed.some((name) => name.toLowerCase() === wanted)) return
  throw new Refusal(
    'invalid',
    `There is no priority ${JSON.stringify(priority)} here. There are: ${allowed.join(', ')}.`,
  )
}
