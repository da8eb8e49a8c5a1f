/** What a site has before any issue: statuses, types, priorities, resolutions, link types and fields. */

export interface StatusEntry {
  id: string
  name: string
  category: CategoryKey
}

export type CategoryKey = 'new' | 'indeterminate' | 'done'

export const CATEGORIES: Readonly<Record<CategoryKey, { id: number; name: string; colorName: string }>> = {
  new: { id: 2, name: 'To Do', colorName: 'blue-gray' },
  indeterminate: { id: 4, name: 'In Progress', colorName: 'yellow' },
  done: { id: 3, name: 'Done', colorName: 'green' },
}

export const STATUSES: readonly StatusEntry[] = [
  { id: '10000', name: 'To Do', category: 'new' },
  { id: '10001', name: 'In Progress', category: 'indeterminate' },
  { id: '10002', name: 'In Review', category: 'indeterminate' },
  { id: '10003', name: 'Done', category: 'done' },
]

export interface IssueTypeEntry {
  id: string
  name: string
  description: string
  isSubtask: boolean
  level: number
}

export const ISSUE_TYPES: readonly IssueTypeEntry[] = [
  { id: '10100', name: 'Epic', description: 'A large piece of work.', isSubtask: false, level: 1 },
  { id: '10101', name: 'Story', description: 'Something a user asked for.', isSubtask: false, level: 0 },
  { id: '10102', name: 'Task', description: 'A small, distinct piece of work.', isSubtask: false, level: 0 },
  { id: '10103', name: 'Bug', description: 'A problem or an error.', isSubtask: false, level: 0 },
  { id: '10104', name: 'Subtask', description: 'A part of a larger piece of work.', isSubtask: true, level: -1 },
]

/** Most urgent first. */
export const PRIORITIES: readonly { id: string; name: string; color: string }[] = [
  { id: '1', name: 'Highest', color: '#d04437' },
  { id: '2', name: 'High', color: '#f15C75' },
  { id: '3', name: 'Medium', color: '#f79232' },
  { id: '4', name: 'Low', color: '#707070' },
  { id: '5', name: 'Lowest', color: '#999999' },
]

export const DEFAULT_PRIORITY = '3'

export const RESOLUTIONS: readonly { id: string; name: string }[] = [
  { id: '10200', name: 'Done' },
  { id: '10201', name: "Won't Do" },
  { id: '10202', name: 'Duplicate' },
  { id: '10203', name: 'Cannot Reproduce' },
]

export const LINK_TYPES: readonly { id: string; name: string; inward: string; outward: string }[] = [
  { id: '10300', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' },
  { id: '10301', name: 'Duplicate', inward: 'is duplicated by', outward: 'duplicates' },
  { id: '10302', name: 'Relates', inward: 'relates to', outward: 'relates to' },
]

/** Of a list of named entries, the one a reference such as `{ id }` or `{ name }` means; names are taken in any case. */
export function referred<Entry extends { id: string; name: string }>(
  entries: readonly Entry[],
  reference: unknown,
): Entry | undefined {
  if (typeof reference !== 'object' || reference === null) return undefined
  if ('id' in reference) return entries.find(({ id }) => id === String(reference.id))
  return 'name' in reference && typeof reference.name === 'string' ? named(entries, reference.name) : undefined
}

/** The entry with this name, in any case, or with this id. */
export function named<Entry extends { id: string; name: string }>(
  entries: readonly Entry[],
  nameOrId: string,
): Entry | undefined {
  const wanted = nameOrId.toLowerCase()
  return entries.find(({ id, name }) => name.toLowerCase() === wanted || id === nameOrId)
}
