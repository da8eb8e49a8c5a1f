import { RESOLUTIONS } from './catalog.ts'
import type { IssueRow } from './issues.ts'
import type { Presenter } from './present.ts'
import { availableSteps } from './workflow.ts'

/** Transitions an issue can take now; with the fields of their screens when asked for. */
export function presentSteps(
  presenter: Presenter,
  issue: IssueRow,
  { withFields }: { withFields: boolean },
): Record<string, unknown>[] {
  return availableSteps(presenter.site, issue).map(({ id, name, toId, needsResolution, waitsForChildren }) => ({
    id,
    name,
    to: presenter.status(toId),
    hasScreen: needsResolution,
    isGlobal: false,
    isInitial: false,
    isAvailable: true,
    isConditional: waitsForChildren,
    looped: false,
    ...(withFields && { fields: needsResolution ? { resolution: resolutionField() } : {} }),
  }))
}

function resolutionField(): Record<string, unknown> {
  return {
    required: true,
    schema: { type: 'resolution', system: 'resolution' },
    name: 'Resolution',
    key: 'resolution',
    hasDefaultValue: false,
    operations: ['set'],
    allowedValues: RESOLUTIONS,
  }
}
