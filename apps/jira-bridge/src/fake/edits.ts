import type { Account } from './accounts.ts'
import { isRecord } from './call.ts'
import { ISSUE_TYPES, PRIORITIES } from './catalog.ts'
import { badFields, badRequest } from './failure.ts'
import { STORY_POINTS } from './fields.ts'
import { type ChangeItem, type IssueRow, type IssueValues, labelsOf } from './issues.ts'

/** Folds the `update` part of a body into plain fields: `[{ set }]` for all, `add` and `remove` for labels.
 *  Operations on comments are left to the caller.
 *  @throws {JiraFailure} 400 for an operation that the field does not have */
export function foldUpdates(
  fields: Readonly<Record<string, unknown>>,
  update: unknown,
  issue: IssueRow,
): Record<string, unknown> {
  const folded: Record<string, unknown> = { ...fields }
  if (update === undefined) return folded
  if (!isRecord(update)) throw badRequest("'update' has to be an object of lists of operations.")
  for (const [id, operations] of Object.entries(update)) {
    if (id === 'comment') continue
    if (!Array.isArray(operations)) throw badFields({ [id]: 'data was not an array of operations' })
    if (id in fields) throw badFields({ [id]: `Field '${id}' cannot appear in both 'fields' and 'update'` })
    for (const operation of operations) folded[id] = applied(id, operation, folded[id] ?? labelsOf(issue))
  }
  return folded
}

/** What an edit changes, as the history shows it. */
export function changesOf(
  before: IssueRow,
  values: Partial<IssueValues>,
  accountOf: (accountId: string) => Account | undefined,
): ChangeItem[] {
  return Object.entries(values).flatMap(([column, next]) => {
    // proof: the keys of IssueValues are columns of IssueRow
    const previous = before[column as keyof IssueValues]
    if (previous === next) return []
    const field = FIELD_OF_COLUMN[column] ?? column
    const show = (value: string | number | null) => shown(column, value, accountOf)
    const [from, to] = [previous, next].map((value) => (value === null ? null : String(value)))
    const isReference = column.endsWith('_id') || column === 'assignee' || column === 'reporter'
    return [
      {
        field,
        from: isReference ? (from ?? null) : null,
        fromString: show(previous),
        to: isReference ? (to ?? null) : null,
        toString: show(next),
      },
    ]
  })
}

const FIELD_OF_COLUMN: Readonly<Record<string, string>> = {
  type_id: 'issuetype',
  priority_id: 'priority',
  parent_id: 'parent',
  due: 'duedate',
  points: STORY_POINTS,
}

function applied(id: string, operation: unknown, current: unknown): unknown {
  if (!isRecord(operation)) throw badFields({ [id]: 'an operation has to be an object' })
  if ('set' in operation) return operation.set
  const labels = Array.isArray(current) ? current : []
  if (id === 'labels' && 'add' in operation) return [...labels, operation.add]
  if (id === 'labels' && 'remove' in operation) return labels.filter((label) => label !== operation.remove)
  throw badFields({ [id]: `Field '${id}' does not support operation '${Object.keys(operation).join(', ')}'` })
}

function shown(
  column: string,
  value: string | number | null,
  accountOf: (accountId: string) => Account | undefined,
): string | null {
  if (value === null) return null
  const text = String(value)
  if (column === 'priority_id') return PRIORITIES.find(({ id }) => id === text)?.name ?? text
  if (column === 'type_id') return ISSUE_TYPES.find(({ id }) => id === text)?.name ?? text
  if (column === 'assignee' || column === 'reporter') return accountOf(text)?.displayName ?? text
  if (column === 'labels') return labelsOf({ labels: text }).join(' ')
  return text
}
