import { type Call, listOf, ok, pageOf, type Route } from '../call.ts'
import { badRequest } from '../failure.ts'
import { issueById } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { presentIssue } from '../present-issue.ts'
import { visibleProjects } from '../projects.ts'
import { countIssues, searchOffset } from '../search.ts'

const MAX_PAGE = 1_000

/** What only Data Center answers: the search that pages by `startAt` and knows the total, and all projects at once. */
export const DATA_CENTER_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'search', run: (call) => search(call) },
  { method: 'POST', path: 'search', run: (call) => search({ ...call, query: queryOf(call) }) },
  { method: 'GET', path: 'project', run: projects },
]

function search(call: Call) {
  const { site, account, dialect, query } = call
  const asks = { jql: query.get('jql') ?? '', mayBeUnbounded: true }
  const bounds = pageOf(call, { size: 50, max: MAX_PAGE })
  const asked = listOf(query, 'fields')
  const wanted = asked.length === 0 ? ['*navigable'] : asked
  const presenter = createPresenter(site, dialect)
  const issues = searchOffset(site, account, { ...asks, ...bounds }).flatMap((id) => {
    const issue = issueById(site, id)
    // the index may still know an issue that is gone
    return issue === undefined ? [] : [presentIssue(presenter, issue, { wanted, expand: listOf(query, 'expand') })]
  })
  return ok({ expand: 'names,schema', ...bounds, total: countIssues(site, account, asks), issues })
}

function queryOf({ body }: Call): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    if (values.some((each) => typeof each !== 'string' && typeof each !== 'number')) {
      throw badRequest(`'${name}' has to be a string, a number, or a list of them.`)
    }
    for (const each of values) query.append(name, String(each))
  }
  return query
}

function projects({ site, account, dialect }: Call) {
  return ok(visibleProjects(site, account).map(createPresenter(site, dialect).project))
}
