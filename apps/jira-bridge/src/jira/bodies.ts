import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Dialect } from './dialect.ts'
import type { JiraBodies } from './port.ts'

const RICH_TEXT = new Set(['description', 'environment'])

/** Bodies of writes in one dialect of Jira. */
export function jiraBodies({ fromMarkdown, person }: Dialect): JiraBodies {
  /** Who gives a text where Jira takes a document means Markdown. */
  const further = (fields: JsonObject = {}): JsonObject =>
    Object.fromEntries(
      Object.entries(fields).map(([id, value]) => [
        id,
        RICH_TEXT.has(id) && typeof value === 'string' ? fromMarkdown(value) : value,
      ]),
    )
  const added = (markdown: string): JsonObject => ({ comment: [{ add: { body: fromMarkdown(markdown) } }] })
  return {
    create: ({ project, typeId, summary, description, assignee, priority, labels, parent, fields }) => ({
      fields: {
        ...further(fields),
        project: { key: project },
        issuetype: { id: typeId },
        summary,
        ...(description !== undefined && { description: fromMarkdown(description) }),
        ...(assignee !== undefined && { assignee: person(assignee) }),
        ...(priority !== undefined && { priority: { name: priority } }),
        ...(labels !== undefined && { labels: [...labels] }),
        ...(parent !== undefined && { parent: { key: parent } }),
      },
    }),
    update: ({ summary, description, assignee, priority, labels, fields }) => ({
      fields: {
        ...further(fields),
        ...(summary !== undefined && { summary }),
        ...(description !== undefined && { description: fromMarkdown(description) }),
        ...(assignee !== undefined && { assignee: assignee === null ? null : person(assignee) }),
        ...(priority !== undefined && { priority: { name: priority } }),
        ...(labels !== undefined && { labels: [...labels] }),
      },
    }),
    transition: ({ id, comment, fields }) => ({
      transition: { id },
      ...(fields !== undefined && { fields: further(fields) }),
      ...(comment !== undefined && { update: added(comment) }),
    }),
    comment: (markdown) => ({ body: fromMarkdown(markdown) }),
  }
}
