import { createRoute, z } from '@hono/zod-openapi'
import { IssueKey, TOOLS } from '../shapes.ts'
import { PROBLEM_TYPE, Problem, type ProblemCode, statusesOf } from './problem.ts'

const { jira_search_issues, jira_get_issue, jira_create_issue, jira_get_transitions } = TOOLS
const { jira_transition_issue, jira_add_comment } = TOOLS

const BASE: readonly ProblemCode[] = [
  ...(['bad_request', 'unauthorized', 'forbidden', 'late', 'rate_limited', 'invalid'] as const),
  ...(['internal', 'unsupported', 'unavailable', 'failed'] as const),
]
const READ: readonly ProblemCode[] = [...BASE, 'timeout', 'not_found']
const WRITE: readonly ProblemCode[] = [...BASE, 'conflict', 'declined', 'no_json', 'too_large', 'not_found']

const params = z.object({ key: IssueKey })

/** Everything the backend does, described for its callers. */
export const ROUTES = {
  search: createRoute({
    method: 'post',
    path: '/search',
    tags: ['issues'],
    summary: 'One page of the issues that a JQL query finds',
    request: { body: json(jira_search_issues.input.strict()) },
    responses: { 200: answer('A page', jira_search_issues.output), ...problems([...READ, 'no_json', 'too_large']) },
  }),
  getIssue: createRoute({
    method: 'get',
    path: '/issues/{key}',
    tags: ['issues'],
    summary: 'An issue with its latest comments',
    request: { params, query: z.object({ comments: z.coerce.number().int().min(0).max(100).default(10) }) },
    responses: { 200: answer('The issue', jira_get_issue.output), ...problems(READ) },
  }),
  createIssue: createRoute({
    method: 'post',
    path: '/issues',
    tags: ['issues'],
    summary: 'Creates an issue',
    request: { body: json(jira_create_issue.input.strict()) },
    responses: {
      200: answer('What a dry run would have sent', jira_create_issue.output),
      201: answer('What was created; Location leads to it', jira_create_issue.output),
      ...problems(WRITE),
    },
  }),
  getTransitions: createRoute({
    method: 'get',
    path: '/issues/{key}/transitions',
    tags: ['transitions'],
    summary: 'The transitions an issue allows at present',
    request: { params },
    responses: { 200: answer('The transitions', jira_get_transitions.output), ...problems(READ) },
  }),
  transition: createRoute({
    method: 'post',
    path: '/issues/{key}/transitions',
    tags: ['transitions'],
    summary: 'Takes an issue through a transition',
    request: { params, body: json(jira_transition_issue.input.omit({ key: true }).strict()) },
    responses: { 200: answer('What was done', jira_transition_issue.output), ...problems(WRITE) },
  }),
  addComment: createRoute({
    method: 'post',
    path: '/issues/{key}/comments',
    tags: ['comments'],
    summary: 'Comments on an issue',
    request: { params, body: json(jira_add_comment.input.omit({ key: true }).strict()) },
    responses: {
      200: answer('What a dry run would have sent', jira_add_comment.output),
      201: answer('What was written', jira_add_comment.output),
      ...problems(WRITE),
    },
  }),
  health: createRoute({
    method: 'get',
    path: '/health',
    tags: ['operation'],
    summary: 'Whether this process is alive',
    responses: { 200: answer('It is', z.object({ status: z.literal('alive') })) },
  }),
  ready: createRoute({
    method: 'get',
    path: '/ready',
    tags: ['operation'],
    summary: 'Whether the Jira server is connected',
    responses: {
      200: answer(
        'It is',
        z.object({ status: z.literal('ready'), server: z.string(), version: z.string().optional() }),
      ),
      ...problems(['unavailable']),
    },
  }),
} as const

function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}

function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } } as const
}

function problems(codes: readonly ProblemCode[]) {
  const entries = statusesOf(codes).map((status) => [
    status,
    { description: 'See `code` and `advice`', content: { [PROBLEM_TYPE]: { schema: Problem } } },
  ])
  return Object.fromEntries(entries) as Record<never, never>
}
