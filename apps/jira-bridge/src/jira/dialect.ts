import type { User } from '../shapes.ts'
import { adfToMarkdown, markdownToAdf } from './markdown.ts'

/** Where Cloud and Data Center say the same thing differently. */
export interface Dialect {
  /** Rich text as Jira takes it. */
  fromMarkdown(markdown: string): unknown
  toMarkdown(richText: unknown): string
  /** A person within a field. */
  person(user: User): Record<string, string>
}

/** Documents in Atlassian's format, and people by account id. */
export const cloudDialect: Dialect = {
  fromMarkdown: markdownToAdf,
  toMarkdown: adfToMarkdown,
  person: ({ accountId }) => ({ accountId }),
}

/** Text that goes as it is, though Data Center shows it as wiki text, and people by user name. */
export const dataCenterDialect: Dialect = {
  fromMarkdown: (markdown) => markdown,
  toMarkdown: adfToMarkdown,
  person: ({ accountId }) => ({ name: accountId }),
}
