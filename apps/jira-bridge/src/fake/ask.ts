import type { AdfNode } from './adf.ts'
import { doc, paragraph, text } from './adf.ts'
import type { RoleName } from './seed/accounts.ts'
import type { FakeJira } from './start-fake-jira.ts'

/** An answer of a fake Jira, for tests. */
export interface Reply<Body> {
  status: number
  headers: Headers
  /** As JSON; undefined when there was none. */
  body: Body
}

export interface AskOptions {
  /** Who asks; nobody when null. */
  role?: RoleName | null
  method?: string
  body?: unknown
}

/** Sends one request to a fake Jira, with the credentials that fit the API it is for. The body is of the type that the
 *  test expects, and its expectations prove it. */
export async function ask<Body = unknown>(
  fake: FakeJira,
  path: string,
  { role = 'product-owner', body, method = body === undefined ? 'GET' : 'POST' }: AskOptions = {},
): Promise<Reply<Body>> {
  const response = await fetch(`${fake.url}/rest/api/${path}`, {
    method,
    headers: {
      ...(role !== null && { authorization: authorization(fake, role, path) }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const content = await response.text()
  const parsed: Body = content === '' ? undefined : JSON.parse(content)
  return { status: response.status, headers: response.headers, body: parsed }
}

/** The keys that a query finds, in order; all pages of it. */
export async function keysOf(fake: FakeJira, jql: string, role: RoleName = 'product-owner'): Promise<string[]> {
  const keys: string[] = []
  let nextPageToken: string | undefined
  do {
    const page: SearchReply = await ask<SearchBody>(fake, '3/search/jql', {
      role,
      body: { jql, maxResults: 100, fields: ['status'], ...(nextPageToken !== undefined && { nextPageToken }) },
    })
    if (page.status !== 200) throw new Error(`${jql}: ${JSON.stringify(page.body)}`)
    keys.push(...page.body.issues.map(({ key }) => key))
    nextPageToken = page.body.nextPageToken
  } while (nextPageToken !== undefined)
  return keys
}

export interface SearchBody {
  issues: { id: string; key: string; fields: Record<string, unknown> }[]
  nextPageToken?: string
  isLast: boolean
}

type SearchReply = Reply<SearchBody>

export interface ErrorBody {
  errorMessages: string[]
  errors: Record<string, string>
}

export function adf(line: string): AdfNode {
  return doc(paragraph(text(line)))
}

function authorization(fake: FakeJira, role: RoleName, path: string): string {
  const { email, apiToken, personalToken } = fake.credentialsOf(role)
  return path.startsWith('2/') ? `Bearer ${personalToken}` : `Basic ${btoa(`${email}:${apiToken}`)}`
}
