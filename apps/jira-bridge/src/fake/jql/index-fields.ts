import { JqlError } from './jql-error.ts'
import type { Operator } from './query.ts'

/** How a field of a query is looked up in the table `search_index`. */
export interface IndexField {
  kind: 'value' | 'number' | 'text' | 'date' | 'list'
  column: string
  /** SQL to sort by; never null. */
  sort: string
  operators: readonly Operator[]
  /** What a value of the field names. */
  names: 'project' | 'issue' | 'status' | 'category' | 'user' | 'type' | 'priority' | 'resolution' | 'label' | 'text'
  /** Whether a smaller stored number means more: priority 1 is the highest. */
  isReversed?: boolean
}

const EQUALITY: readonly Operator[] = ['=', '!=', 'in', 'not in']
const EMPTINESS: readonly Operator[] = ['is', 'is not']
const ORDER: readonly Operator[] = ['<', '<=', '>', '>=']
const TEXT: readonly Operator[] = ['~', '!~', ...EMPTINESS]

const PROJECT: IndexField = value('project_key', 'project', [...EQUALITY, ...EMPTINESS])
const KEY: IndexField = {
  kind: 'number',
  column: 'id',
  sort: "project_key || printf('%08d', number)",
  operators: [...EQUALITY, ...ORDER],
  names: 'issue',
}
const TYPE: IndexField = value('type_id', 'type', [...EQUALITY, ...EMPTINESS])

const INDEX_FIELDS: Readonly<Record<string, IndexField>> = {
  project: PROJECT,
  key: KEY,
  issuekey: KEY,
  id: KEY,
  issue: KEY,
  status: value('status_id', 'status', [...EQUALITY, ...EMPTINESS]),
  statuscategory: value('category', 'category', [...EQUALITY, ...EMPTINESS]),
  assignee: value('assignee', 'user', [...EQUALITY, ...EMPTINESS]),
  reporter: value('reporter', 'user', [...EQUALITY, ...EMPTINESS]),
  creator: value('reporter', 'user', [...EQUALITY, ...EMPTINESS]),
  type: TYPE,
  issuetype: TYPE,
  resolution: value('resolution_id', 'resolution', [...EQUALITY, ...EMPTINESS]),
  priority: {
    kind: 'number',
    column: 'priority_rank',
    // most urgent last, so that `ORDER BY priority DESC` starts with it
    sort: '-priority_rank',
    operators: [...EQUALITY, ...EMPTINESS, ...ORDER],
    names: 'priority',
    isReversed: true,
  },
  labels: { kind: 'list', column: 'labels', sort: 'labels', operators: [...EQUALITY, ...EMPTINESS], names: 'label' },
  parent: {
    kind: 'number',
    column: 'parent_id',
    sort: 'COALESCE(parent_id, 0)',
    operators: [...EQUALITY, ...EMPTINESS],
    names: 'issue',
  },
  summary: { kind: 'text', column: 'summary_words', sort: 'summary', operators: TEXT, names: 'text' },
  description: {
    kind: 'text',
    column: 'description_words',
    sort: 'substr(description_words, 1, 60)',
    operators: TEXT,
    names: 'text',
  },
  comment: {
    kind: 'text',
    column: 'comment_words',
    sort: 'substr(comment_words, 1, 60)',
    operators: ['~', '!~'],
    names: 'text',
  },
  text: { kind: 'text', column: 'all_words', sort: 'substr(all_words, 1, 60)', operators: ['~'], names: 'text' },
  created: date('created'),
  createddate: date('created'),
  updated: date('updated'),
  updateddate: date('updated'),
}

/** @throws {JqlError} for a field that does not exist */
export function indexField(name: string): IndexField {
  const lower = name.toLowerCase()
  const field = Object.hasOwn(INDEX_FIELDS, lower) ? INDEX_FIELDS[lower] : undefined
  if (field !== undefined) return field
  throw new JqlError(`Field '${name}' does not exist or you do not have permission to view it.`)
}

function value(column: string, names: IndexField['names'], operators: readonly Operator[]): IndexField {
  return { kind: 'value', column, sort: `COALESCE(${column}, '')`, operators, names }
}

function date(column: string): IndexField {
  return { kind: 'date', column, sort: column, operators: [...EQUALITY, ...EMPTINESS, ...ORDER], names: 'text' }
}
