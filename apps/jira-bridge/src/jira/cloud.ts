import {
  addComment,
  createIssue,
  doTransition,
  editIssue,
  findAssignableUsers,
  findUsers,
  getComments,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getCurrentUser,
  getIssue,
  getMyPermissions,
  getServerInfo,
  getTransitions,
  searchAndReconsileIssuesUsingJqlPost,
  searchProjects,
} from 'jira.js/cloud'
import type { Client } from 'jira.js/core'
import type { JiraHttp } from './http.ts'
import type { JiraWire, Waiting } from './wire.ts'

/** An answer that is not as Jira documents it. */
export interface SchemaMismatch {
  endpoint: string
  /** Where, and what was wrong there. */
  faults: readonly string[]
}

export interface CloudOptions {
  /** Told of answers that are not as documented, which are used all the same. A test may throw. Default: nobody is told. */
  onSchemaMismatch?: (mismatch: SchemaMismatch) => void
}

const MAX_FAULTS = 5

/**
 * Jira Cloud: jira.js knows the endpoints, their parameters and what they answer with; the requests themselves go through
 * `http`, which can be cancelled and knows when to repeat.
 * @see https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
 */
export function cloudWire(http: JiraHttp, { onSchemaMismatch }: CloudOptions = {}): JiraWire {
  /** As it came, dates as text included: what reads it reads Data Center as well. */
  function client({ signal, beforeSending }: Waiting): Client {
    return {
      async sendRequest<T>({ url, method = 'GET', searchParams, body, schema }: SendOptions<T>): Promise<T> {
        const answer = await http.send({ method, path: url, query: searchParams, body, signal, beforeSending })
        const checked = answer === undefined ? undefined : schema?.safeParse(answer)
        if (checked?.success === false) {
          const faults = checked.error.issues.slice(0, MAX_FAULTS)
          onSchemaMismatch?.({
            endpoint: `${method} ${url}`,
            faults: faults.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`),
          })
        }
        // proof: the wire hands it on as unknown
        return answer as T
      },
    }
  }
  const part = encodeURIComponent
  return {
    isIndexBehind: true,
    myself: (waiting) => getCurrentUser(client(waiting)),
    serverInfo: (waiting) => getServerInfo(client(waiting)),
    permissions: (keys, waiting) => getMyPermissions(client(waiting), { permissions: keys.join(',') }),
    search: ({ pageToken, fields, reconcileIssues = [], ...query }, waiting) =>
      searchAndReconsileIssuesUsingJqlPost(client(waiting), {
        ...query,
        fields: [...fields],
        ...(reconcileIssues.length > 0 && { reconcileIssues: [...reconcileIssues] }),
        ...(pageToken !== undefined && { nextPageToken: pageToken }),
      }),
    issue: (key, fields, waiting) => getIssue(client(waiting), { issueIdOrKey: part(key), fields: [fields.join(',')] }),
    create: (body, waiting) => createIssue(client(waiting), body),
    edit: (key, body, waiting) => editIssue(client(waiting), { ...body, issueIdOrKey: part(key) }),
    transitions: (key, waiting) =>
      getTransitions(client(waiting), { issueIdOrKey: part(key), expand: 'transitions.fields' }),
    transition: (key, body, waiting) => doTransition(client(waiting), { ...body, issueIdOrKey: part(key) }),
    comments: (key, maxResults, waiting) =>
      getComments(client(waiting), { issueIdOrKey: part(key), maxResults, orderBy: '-created' }),
    comment: (key, body, waiting) => addComment(client(waiting), { ...body, issueIdOrKey: part(key) }),
    projects: ({ query, startAt, maxResults }, waiting) =>
      searchProjects(client(waiting), { startAt, maxResults, orderBy: 'key', ...(query !== undefined && { query }) }),
    issueTypes: (project, page, waiting) =>
      getCreateIssueMetaIssueTypes(client(waiting), { projectIdOrKey: part(project), ...page }),
    issueFields: ({ project, typeId }, page, waiting) =>
      getCreateIssueMetaIssueTypeId(client(waiting), {
        projectIdOrKey: part(project),
        issueTypeId: part(typeId),
        ...page,
      }),
    users: (query, waiting) => findUsers(client(waiting), query),
    assignable: (query, waiting) => findAssignableUsers(client(waiting), query),
  }
}

type SendOptions<T> = Parameters<Client['sendRequest']>[0] & {
  schema?: { safeParse(value: unknown): Checked<T> }
}

type Checked<T> =
  | { success: true; data: T }
  | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
