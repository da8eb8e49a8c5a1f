import { childrenOf, type IssueRow } from './issues.ts'
import type { Site } from './site.ts'

export interface WorkflowStep {
  id: string
  name: string
  fromId: string
  toId: string
  /** Whether its screen asks for a resolution. */
  needsResolution: boolean
  /** Whether it waits for the issues below to be done. */
  waitsForChildren: boolean
}

const TO_DO = '10000'
const IN_PROGRESS = '10001'
const IN_REVIEW = '10002'
const DONE = '10003'

const STEPS: readonly WorkflowStep[] = [
  step('11', 'Start progress', TO_DO, IN_PROGRESS),
  step('61', 'Close', TO_DO, DONE, { needsResolution: true }),
  step('12', 'Stop progress', IN_PROGRESS, TO_DO),
  step('21', 'Send to review', IN_PROGRESS, IN_REVIEW),
  step('22', 'Request changes', IN_REVIEW, IN_PROGRESS),
  step('31', 'Approve', IN_REVIEW, DONE, { needsResolution: true, waitsForChildren: true }),
  step('41', 'Reopen', DONE, TO_DO),
]

/** Steps an issue can take now: those of its status, without the ones that wait for its children. */
export function availableSteps(site: Pick<Site, 'db'>, issue: IssueRow): WorkflowStep[] {
  const hasOpenChild = childrenOf(site, issue.id).some(({ status_id }) => status_id !== DONE)
  return STEPS.filter(
    ({ fromId, waitsForChildren }) => fromId === issue.status_id && !(waitsForChildren && hasOpenChild),
  )
}

/** Steps from one status to another, fewest first: what an issue went through to get there. */
export function stepsTo(statusId: string): readonly WorkflowStep[] {
  const way = ['11', '21', '31'].flatMap((id) => STEPS.filter((each) => each.id === id))
  const last = way.findIndex(({ toId }) => toId === statusId)
  return way.slice(0, last + 1)
}

function step(
  id: string,
  name: string,
  fromId: string,
  toId: string,
  { needsResolution = false, waitsForChildren = false }: Partial<WorkflowStep> = {},
): WorkflowStep {
  return { id, name, fromId, toId, needsResolution, waitsForChildren }
}
