import { type Account, sees } from './accounts.ts'
import { adfToText } from './adf.ts'
import { isRecord } from './call.ts'
import { ISSUE_TYPES, PRIORITIES, referred } from './catalog.ts'
import { tooLong } from './comments.ts'
import type { Dialect } from './dialect.ts'
import { badFields } from './failure.ts'
import { STORY_POINTS } from './fields.ts'
import { findIssue, type IssueValues } from './issues.ts'
import { componentsOf } from './projects.ts'
import type { Site } from './site.ts'

const MAX_SUMMARY = 255
const MAX_LABEL = 255
/** Asks for the project's default assignee, which is nobody here. */
const AUTOMATIC = '-1'

/** What values of fields mean in: the project, and who gives them. */
export interface FieldContext {
  site: Site
  account: Account
  dialect: Dialect
  project: { id: number; key: string }
}

/** Says what is wrong with the value of one field. */
class Wrong extends Error {}

type Reader = (value: unknown, context: FieldContext) => Partial<IssueValues>

const READERS: Readonly<Record<string, Reader>> = {
  summary: (value) => ({ summary: summary(value) }),
  description: (value, context) => ({ description: description(value, context) }),
  issuetype: (value) => ({ type_id: (referred(ISSUE_TYPES, value) ?? wrong('Specify a valid issue type')).id }),
  priority: (value) => ({
    priority_id: (referred(PRIORITIES, value) ?? wrong('The priority selected is invalid.')).id,
  }),
  assignee: (value, context) => ({ assignee: assignee(value, context) }),
  reporter: (value, context) => ({ reporter: person(value, context)?.accountId ?? wrong('Reporter is required.') }),
  parent: (value, context) => ({ parent_id: parent(value, context) }),
  labels: (value) => ({ labels: JSON.stringify(labels(value)) }),
  components: (value, context) => ({ components: JSON.stringify(components(value, context)) }),
  duedate: (value) => ({ due: dueDate(value) }),
  [STORY_POINTS]: (value) => ({ points: points(value) }),
}

/** Reads `fields` of a request body into columns.
 *  @throws {JiraFailure} 400 with a message for each field that is wrong */
export function readFields(fields: Readonly<Record<string, unknown>>, context: FieldContext): Partial<IssueValues> {
  const values: Partial<IssueValues> = {}
  const errors: Record<string, string> = {}
  for (const [id, value] of Object.entries(fields)) {
    const reader = Object.hasOwn(READERS, id) ? READERS[id] : undefined
    try {
      if (reader === undefined) {
        throw new Wrong(`Field '${id}' cannot be set. It is not on the appropriate screen, or unknown.`)
      }
      Object.assign(values, reader(value, context))
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      errors[id] = error.message
    }
  }
  if (Object.keys(errors).length > 0) throw badFields(errors)
  return values
}

/** The account somebody can be assigned as.
 *  @throws {JiraFailure} 400 for one that cannot have issues of the project */
export function readAssignee(value: unknown, context: FieldContext): string | null {
  return readFields({ assignee: value }, context).assignee ?? null
}

function summary(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') wrong('You must specify a summary of the issue.')
  if (/[\r\n]/.test(value)) wrong('The summary is invalid because it contains newline characters.')
  if (value.length > MAX_SUMMARY) wrong(`Summary must be less than ${MAX_SUMMARY} characters.`)
  return value.trim()
}

function description(value: unknown, { dialect, site }: FieldContext): string | null {
  if (value === null) return null
  const document = dialect.readText(value) ?? wrong(dialect.textExpectation)
  if (adfToText(document).length > site.textLimit) wrong(tooLong(site.textLimit))
  return JSON.stringify(document)
}

function assignee(value: unknown, context: FieldContext): string | null {
  const found = person(value, context)
  if (found === undefined) return null
  const isAssignable = found.isActive && found.canWrite && sees(found, context.project.key)
  if (!isAssignable) wrong(`User '${found.displayName}' cannot be assigned issues.`)
  return found.accountId
}

function person(value: unknown, { site, dialect }: FieldContext): Account | undefined {
  if (value === null) return undefined
  if (!isRecord(value)) wrong('data was not an object')
  const given = Object.values(value)[0]
  if (given === null || given === AUTOMATIC) return undefined
  return (
    dialect.readAccount(site, value) ?? wrong(`User '${typeof given === 'string' ? given : 'unknown'}' does not exist.`)
  )
}

function parent(value: unknown, { site, account, project }: FieldContext): number | null {
  if (value === null) return null
  const reference = isRecord(value) ? (value.key ?? value.id) : undefined
  const found = typeof reference === 'string' ? findIssue(site, account, reference) : undefined
  if (found === undefined) wrong('Could not find issue by id or key.')
  if (found.project_id !== project.id) wrong('The parent has to be in the same project.')
  return found.id
}

function labels(value: unknown): string[] {
  if (!Array.isArray(value)) wrong('data was not an array')
  return [...new Set(value.map(label))]
}

function label(value: unknown): string {
  if (typeof value !== 'string' || value === '') wrong('string expected at index 0')
  if (/\s/.test(value)) wrong(`The label '${value}' contains spaces which is invalid.`)
  if (value.length > MAX_LABEL) wrong(`The label is longer than ${MAX_LABEL} characters.`)
  return value
}

function components(value: unknown, { site, project }: FieldContext): string[] {
  if (!Array.isArray(value)) wrong('data was not an array')
  const known = componentsOf(site, project.id)
  return value.map((each) => (referred(known, each) ?? wrong(`Component ${JSON.stringify(each)} is not valid.`)).id)
}

function dueDate(value: unknown): string | null {
  if (value === null) return null
  const isDate = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
  return isDate ? value : wrong("Error parsing date string: a date has to look like '2026-01-31'.")
}

function points(value: unknown): number | null {
  return value === null || typeof value === 'number' ? value : wrong('Operation value must be a number')
}

function wrong(message: string): never {
  throw new Wrong(message)
}
