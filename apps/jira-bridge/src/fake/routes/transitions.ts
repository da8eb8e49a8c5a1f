import { type Call, isRecord, listOf, NO_CONTENT, ok, part, type Route, requireWrite } from '../call.ts'
import { RESOLUTIONS, referred, STATUSES } from '../catalog.ts'
import { badFields, badRequest } from '../failure.ts'
import { type ChangeItem, type IssueRow, requireIssue, updateIssue } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { presentSteps } from '../present-steps.ts'
import type { Site } from '../site.ts'
import { availableSteps, type WorkflowStep } from '../workflow.ts'
import { addCommentsOf } from './comments.ts'

/** What an issue can become, and making it so. */
export const TRANSITION_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'issue/{key}/transitions', run: list },
  { method: 'POST', path: 'issue/{key}/transitions', run: take },
]

/** Moves an issue along one step. */
export function takeStep(
  site: Site,
  issue: IssueRow,
  { step, author, resolution }: { step: WorkflowStep; author: string; resolution?: { id: string; name: string } },
  nowMs: number = site.nowMs(),
): void {
  const items: ChangeItem[] = [
    {
      field: 'status',
      from: step.fromId,
      fromString: statusName(step.fromId),
      to: step.toId,
      toString: statusName(step.toId),
    },
  ]
  const before = issue.resolution_id
  const after = resolution?.id ?? null
  if (before !== after) {
    const fromString = RESOLUTIONS.find(({ id }) => id === before)?.name ?? null
    items.push({ field: 'resolution', from: before, fromString, to: after, toString: resolution?.name ?? null })
  }
  const values = { status_id: step.toId, resolution_id: after, resolved: after === null ? null : nowMs }
  updateIssue(site, issue, { author, values, items }, nowMs)
}

function list(call: Call) {
  const { site, account, dialect, query } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  // who may not write has no step to take
  if (!account.canWrite) return ok({ expand: 'transitions', transitions: [] })
  const withFields = listOf(query, 'expand').includes('transitions.fields')
  const wanted = query.get('transitionId')
  const steps = presentSteps(createPresenter(site, dialect), issue, { withFields })
  return ok({ expand: 'transitions', transitions: wanted === null ? steps : steps.filter(({ id }) => id === wanted) })
}

function take(call: Call) {
  const { site, account, body } = call
  const issue = requireIssue(site, account, part(call, 'key'))
  requireWrite(call, 'transition this issue')
  if (!isRecord(body.transition) || body.transition.id === undefined)
    throw badRequest("Missing 'transition' identifier")
  const id = String(body.transition.id)
  const step = availableSteps(site, issue).find((each) => each.id === id)
  if (step === undefined) {
    throw badRequest(`It is not possible to transition the issue: transition id '${id}' is not valid for this issue.`)
  }
  const resolution = resolutionOf(step, body.fields)
  takeStep(site, issue, { step, author: account.accountId, ...(resolution !== undefined && { resolution }) })
  addCommentsOf(call, issue)
  return NO_CONTENT
}

function resolutionOf({ needsResolution }: WorkflowStep, fields: unknown = {}) {
  if (!isRecord(fields)) throw badRequest("'fields' has to be an object.")
  const { resolution, ...others } = fields
  const [unknown] = Object.keys(others)
  if (unknown !== undefined || (resolution !== undefined && !needsResolution)) {
    const id = unknown ?? 'resolution'
    throw badFields({ [id]: `Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.` })
  }
  if (!needsResolution) return undefined
  if (resolution === undefined) throw badFields({ resolution: 'Resolution is required.' })
  const found = referred(RESOLUTIONS, resolution)
  if (found === undefined) throw badFields({ resolution: 'The resolution selected is invalid.' })
  return found
}

function statusName(statusId: string): string {
  return STATUSES.find(({ id }) => id === statusId)?.name ?? statusId
}
