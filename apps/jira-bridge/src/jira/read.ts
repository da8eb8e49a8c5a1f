import { isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import type {
  Comment,
  FieldMeta,
  Issue,
  IssueSummary,
  IssueType,
  Project,
  Status,
  Transition,
  User,
} from '../shapes.ts'
import { JiraApiError, LOOK_FIRST } from './errors.ts'

/** What reading an issue needs to know of the Jira it came from. */
export interface Reading {
  /** Where people see the site, without a slash at its end. */
  site: string
  toMarkdown(richText: unknown): string
}

const CATEGORIES = ['new', 'indeterminate', 'done'] as const

export function readSummary(raw: unknown, { site }: Reading): IssueSummary {
  const issue = objectOf(raw, 'an issue')
  const fields = looseObject(issue.fields)
  const key = textOf(issue.key, 'the key of an issue')
  const priority = nameOf(fields.priority)
  const assignee = readUser(fields.assignee)
  const reporter = readUser(fields.reporter)
  const created = timeOf(fields.created)
  const updated = timeOf(fields.updated)
  return {
    key,
    id: textOf(issue.id, `the id of ${key}`),
    url: pageOf(site, key),
    summary: looseText(fields.summary) ?? '',
    type: nameOf(fields.issuetype) ?? '',
    status: readStatus(fields.status),
    labels: textsOf(fields.labels),
    ...(priority !== undefined && { priority }),
    ...(assignee !== undefined && { assignee }),
    ...(reporter !== undefined && { reporter }),
    ...(created !== undefined && { created }),
    ...(updated !== undefined && { updated }),
  }
}

export function readIssue(raw: unknown, comments: Issue['comments'], reading: Reading): Issue {
  const summary = readSummary(raw, reading)
  const fields = looseObject(looseObject(raw).fields)
  const project = looseObject(fields.project)
  const description = reading.toMarkdown(fields.description)
  const parent = looseText(looseObject(fields.parent).key)
  return {
    ...summary,
    project: {
      key: looseText(project.key) ?? summary.key.replace(/-\d+$/, ''),
      name: looseText(project.name) ?? '',
    },
    components: listOf(fields.components).flatMap((component) => nameOf(component) ?? []),
    comments,
    ...(description !== '' && { description }),
    ...(parent !== undefined && { parent }),
  }
}

/** @param most comments to keep; the newest come first */
export function readComments(raw: unknown, most: number, { toMarkdown }: Reading): Issue['comments'] {
  const page = objectOf(raw, 'a page of comments')
  const latest = listOf(page.comments).slice(0, most)
  return {
    total: numberOf(page.total) ?? latest.length,
    latest: latest.map((one): Comment => {
      const comment = objectOf(one, 'a comment')
      const author = readUser(comment.author)
      return {
        id: textOf(comment.id, 'the id of a comment'),
        body: toMarkdown(comment.body),
        created: timeOf(comment.created) ?? '',
        ...(author !== undefined && { author }),
      }
    }),
  }
}

/** Data Center knows people by their user names. */
export function readUser(raw: unknown): User | undefined {
  if (!isJsonObject(raw)) return undefined
  const accountId = looseText(raw.accountId) ?? looseText(raw.name)
  if (accountId === undefined) return undefined
  const email = looseText(raw.emailAddress)
  return {
    accountId,
    name: looseText(raw.displayName) ?? accountId,
    isActive: raw.active !== false,
    ...(email !== undefined && { email }),
  }
}

export function readUsers(raw: unknown): User[] {
  if (!Array.isArray(raw)) throw strange('a list of people')
  return raw.flatMap((one) => readUser(one) ?? [])
}

export function readStatus(raw: unknown): Status {
  const status = looseObject(raw)
  const key = looseObject(status.statusCategory).key
  return { name: looseText(status.name) ?? '', category: CATEGORIES.find((one) => one === key) ?? 'undefined' }
}

export function readTransitions(raw: unknown): Transition[] {
  return listOf(objectOf(raw, 'transitions').transitions).map((one) => {
    const transition = objectOf(one, 'a transition')
    return {
      id: textOf(transition.id, 'the id of a transition'),
      name: looseText(transition.name) ?? '',
      to: readStatus(transition.to),
      requiredFields: Object.entries(looseObject(transition.fields)).flatMap(([id, field]) =>
        isJsonObject(field) && field.required === true && field.hasDefaultValue !== true ? [id] : [],
      ),
    }
  })
}

export function readProject(raw: unknown): Project {
  const project = objectOf(raw, 'a project')
  const type = looseText(project.projectTypeKey)
  const key = textOf(project.key, 'the key of a project')
  return {
    id: textOf(project.id, `the id of ${key}`),
    key,
    name: looseText(project.name) ?? key,
    ...(type !== undefined && { type }),
  }
}

export function readIssueType(raw: unknown): IssueType {
  const type = objectOf(raw, 'an issue type')
  return {
    id: textOf(type.id, 'the id of an issue type'),
    name: looseText(type.name) ?? '',
    isSubtask: type.subtask === true,
  }
}

export function readField(raw: unknown): FieldMeta {
  const field = objectOf(raw, 'a field')
  const schema = looseObject(field.schema)
  const items = looseText(schema.items)
  const type = looseText(schema.type) ?? 'any'
  return {
    id: looseText(field.fieldId) ?? textOf(field.key, 'the id of a field'),
    name: looseText(field.name) ?? '',
    isRequired: field.required === true && field.hasDefaultValue !== true,
    type: type === 'array' && items !== undefined ? `array of ${items}` : type,
    ...(Array.isArray(field.allowedValues) && {
      allowedValues: field.allowedValues.flatMap((one) => nameOf(one) ?? looseText(looseObject(one).value) ?? []),
    }),
  }
}

export function pageOf(site: string, key: string): string {
  return `${site}/browse/${key}`
}

/**
 * What a write made.
 * @throws {JiraApiError} when Jira does not say it, which leaves open whether it was made
 */
export function readMade(raw: unknown, member: 'id' | 'key', what: string): string {
  const made = looseObject(raw)[member]
  const text = typeof made === 'number' ? String(made) : looseText(made)
  if (text === undefined) {
    throw new JiraApiError(
      'unexpected',
      `Jira answered with something else where the ${member} of ${what} was expected. ${LOOK_FIRST}`,
    )
  }
  return text
}

/** @throws {JiraApiError} when it is no object */
export function objectOf(raw: unknown, what: string): JsonObject {
  if (!isJsonObject(raw)) throw strange(what)
  return raw
}

/** @throws {JiraApiError} when it is neither text nor number */
export function textOf(raw: unknown, what: string): string {
  const text = typeof raw === 'number' ? String(raw) : raw
  if (typeof text !== 'string' || text === '') throw strange(what)
  return text
}

export function listOf(raw: unknown): unknown[] {
  return Array.isArray(raw) ? raw : []
}

export function numberOf(raw: unknown): number | undefined {
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : undefined
}

export function looseText(raw: unknown): string | undefined {
  return typeof raw === 'string' && raw !== '' ? raw : undefined
}

function strange(what: string): JiraApiError {
  return new JiraApiError('unexpected', `Jira answered with something else where ${what} was expected.`)
}

function looseObject(raw: unknown): JsonObject {
  return isJsonObject(raw) ? raw : {}
}

function nameOf(raw: unknown): string | undefined {
  return looseText(looseObject(raw).name)
}

function textsOf(raw: unknown): string[] {
  return listOf(raw).filter((one) => typeof one === 'string')
}

/** Jira writes `+0000` where RFC 3339 wants `+00:00`. */
function timeOf(raw: unknown): string | undefined {
  const time = looseText(raw)
  if (time === undefined) return undefined
  const date = new Date(time.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(date.getTime()) ? time : date.toISOString()
}
