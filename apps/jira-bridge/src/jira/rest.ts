import type { JiraHttp, JiraRequest } from './http.ts'
import type { JiraWire, Waiting } from './wire.ts'

/** Both kinds of Jira have these requests in common, below another base. */
export type CommonWire = Omit<JiraWire, 'isIndexBehind' | 'search' | 'projects' | 'users' | 'assignable'>

type Sent = Omit<JiraRequest, 'method' | 'path' | keyof Waiting>

export interface Requester {
  get(path: string, waiting: Waiting, query?: JiraRequest['query']): Promise<unknown>
  post(path: string, waiting: Waiting, body: unknown): Promise<unknown>
  put(path: string, waiting: Waiting, body: unknown): Promise<unknown>
}

/** Sends requests below one version of Jira's REST interface. */
export function requester(http: JiraHttp, base: string): Requester {
  const send = (method: string, path: string, { signal, beforeSending }: Waiting, sent: Sent = {}): Promise<unknown> =>
    http.send({ method, path: `${base}/${path}`, signal, beforeSending, ...sent })
  return {
    get: (path, waiting, query) => send('GET', path, waiting, { query }),
    post: (path, waiting, body) => send('POST', path, waiting, { body }),
    put: (path, waiting, body) => send('PUT', path, waiting, { body }),
  }
}

/** @param base such as `/rest/api/3` */
export function commonWire(http: JiraHttp, base: string): CommonWire {
  const { get, post, put } = requester(http, base)
  const issue = (key: string, below = ''): string => `issue/${encodeURIComponent(key)}${below}`
  const types = (project: string): string => `issue/createmeta/${encodeURIComponent(project)}/issuetypes`
  return {
    myself: (waiting) => get('myself', waiting),
    serverInfo: (waiting) => get('serverInfo', waiting),
    permissions: (keys, waiting) => get('mypermissions', waiting, { permissions: keys.join(',') }),
    issue: (key, fields, waiting) => get(issue(key), waiting, { fields: fields.join(',') }),
    create: (body, waiting) => post('issue', waiting, body),
    edit: (key, body, waiting) => put(issue(key), waiting, body),
    transitions: (key, waiting) => get(issue(key, '/transitions'), waiting, { expand: 'transitions.fields' }),
    transition: (key, body, waiting) => post(issue(key, '/transitions'), waiting, body),
    comments: (key, maxResults, waiting) => get(issue(key, '/comment'), waiting, { maxResults, orderBy: '-created' }),
    comment: (key, body, waiting) => post(issue(key, '/comment'), waiting, body),
    issueTypes: (project, page, waiting) => get(types(project), waiting, { ...page }),
    issueFields: ({ project, typeId }, page, waiting) =>
      get(`${types(project)}/${encodeURIComponent(typeId)}`, waiting, { ...page }),
  }
}

/** Jira Cloud by plain requests: what {@link cloudWire} is compared with, and nothing but `fetch`. */
export function cloudRestWire(http: JiraHttp): JiraWire {
  const { get, post } = requester(http, '/rest/api/3')
  return {
    ...commonWire(http, '/rest/api/3'),
    isIndexBehind: true,
    search: ({ pageToken, reconcileIssues = [], ...query }, waiting) =>
      post('search/jql', waiting, {
        ...query,
        ...(reconcileIssues.length > 0 && { reconcileIssues }),
        ...(pageToken !== undefined && { nextPageToken: pageToken }),
      }),
    projects: (query, waiting) => get('project/search', waiting, { ...query, orderBy: 'key' }),
    users: (query, waiting) => get('user/search', waiting, { ...query }),
    assignable: (query, waiting) => get('user/assignable/search', waiting, { ...query }),
  }
}
