import type { RoleName } from './accounts.ts'
import type { Story } from './story.ts'

const VERBS = ['Check', 'Simplify', 'Document', 'Repair', 'Measure', 'Translate', 'Review'] as const
const THINGS = ['the tracking page', 'guest checkout', 'the card form', 'delivery e-mails', 'the search'] as const
const TYPES = ['Task', 'Bug', 'Story'] as const
const STATUSES = [undefined, 'In Progress', 'In Review', 'Done'] as const
const PRIORITIES = [undefined, 'High', 'Low', 'Lowest'] as const
const ASSIGNEES: readonly (RoleName | undefined)[] = ['developer', undefined, 'tester', 'reviewer']
const LABELS = ['tracking', 'checkout', 'frontend', 'payment', 'debt'] as const

/** More issues of DEMO, always the same for a number. */
export function generatedStory(number: number): Story {
  const assignee = nth(ASSIGNEES, number)
  const status = nth(STATUSES, Math.floor(number / 3))
  const priority = nth(PRIORITIES, Math.floor(number / 5))
  return {
    type: nth(TYPES, number),
    summary: `${nth(VERBS, number)} ${nth(THINGS, Math.floor(number / 7))}, part ${number}`,
    labels: [nth(LABELS, number)],
    ...(assignee !== undefined && { assignee }),
    ...(status !== undefined && { status }),
    ...(priority !== undefined && { priority }),
  }
}

function nth<Item>(items: readonly Item[], index: number): Item {
  // proof: the remainder lies within the list
  return items[index % items.length] as Item
}
