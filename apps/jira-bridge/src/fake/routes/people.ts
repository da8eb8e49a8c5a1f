import { accountById, findAccounts, sees } from '../accounts.ts'
import { type Call, listOf, ok, page, pageOf, type Route } from '../call.ts'
import { badRequest } from '../failure.ts'
import { findIssue, projectKeyOf, requireIssue } from '../issues.ts'
import { createPresenter } from '../present.ts'
import { requireProject } from '../projects.ts'

/** Who there is, and what the caller may do. */
export const PEOPLE_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'myself', run: myself },
  { method: 'GET', path: 'user/search', run: search },
  { method: 'GET', path: 'user/assignable/search', run: assignable },
  { method: 'GET', path: 'mypermissions', run: permissions },
]

const PERMISSIONS: Readonly<Record<string, { id: string; name: string; isWrite: boolean }>> = {
  BROWSE_PROJECTS: { id: '10', name: 'Browse Projects', isWrite: false },
  CREATE_ISSUES: { id: '11', name: 'Create Issues', isWrite: true },
  EDIT_ISSUES: { id: '12', name: 'Edit Issues', isWrite: true },
  ASSIGN_ISSUES: { id: '13', name: 'Assign Issues', isWrite: true },
  RESOLVE_ISSUES: { id: '14', name: 'Resolve Issues', isWrite: true },
  ADD_COMMENTS: { id: '15', name: 'Add Comments', isWrite: true },
  DELETE_ISSUES: { id: '16', name: 'Delete Issues', isWrite: true },
  LINK_ISSUES: { id: '21', name: 'Link Issues', isWrite: true },
  WORK_ON_ISSUES: { id: '20', name: 'Work On Issues', isWrite: true },
  TRANSITION_ISSUES: { id: '46', name: 'Transition Issues', isWrite: true },
}

function myself({ site, account, dialect }: Call) {
  return ok({ ...createPresenter(site, dialect).user(account), locale: 'en_US', groups: { size: 0, items: [] } })
}

function search(call: Call) {
  const { site, dialect, query } = call
  const presenter = createPresenter(site, dialect)
  const accountId = query.get('accountId')
  if (accountId !== null)
    return ok([accountById(site, accountId)].flatMap((each) => (each ? [presenter.user(each)] : [])))
  const wanted = query.get('query') ?? query.get('username')
  if (wanted === null) throw badRequest("One of the parameters 'query', 'accountId' or 'property' has to be given.")
  return ok(
    page(
      findAccounts(site, wanted === dialect.everybody ? '' : wanted),
      pageOf(call, { size: 50, max: 1_000 }),
    ).values.map(presenter.user),
  )
}

function assignable(call: Call) {
  const { site, account, dialect, query } = call
  const issueKey = query.get('issueKey') ?? query.get('issueId')
  const projectKey =
    issueKey === null
      ? requireProject(site, account, projectParameter(query)).key
      : projectKeyOf(requireIssue(site, account, issueKey))
  const wanted = query.get('query') ?? query.get('username') ?? ''
  const found = findAccounts(site, wanted === dialect.everybody ? '' : wanted).filter(
    (each) => each.canWrite && sees(each, projectKey),
  )
  return ok(page(found, pageOf(call, { size: 50, max: 1_000 })).values.map(createPresenter(site, dialect).user))
}

function projectParameter(query: URLSearchParams): string {
  const project = query.get('project')
  if (project === null) throw badRequest("One of the parameters 'project' or 'issueKey' has to be given.")
  return project
}

function permissions({ site, account, query }: Call) {
  const asked = listOf(query, 'permissions')
  if (asked.length === 0) throw badRequest("The 'permissions' query parameter is required.")
  const issueKey = query.get('issueKey')
  const issue = issueKey === null ? undefined : findIssue(site, account, issueKey)
  const projectKey = query.get('projectKey') ?? (issue && projectKeyOf(issue))
  const isVisible =
    (issueKey === null || issue !== undefined) && (projectKey === undefined || sees(account, projectKey))
  const shown = asked.map((key) => {
    const permission = Object.hasOwn(PERMISSIONS, key) ? PERMISSIONS[key] : undefined
    if (permission === undefined) throw badRequest(`Unrecognized permission ${key}`)
    const { id, name, isWrite } = permission
    const havePermission = isVisible && (account.canWrite || !isWrite)
    return [key, { id, key, name, type: 'PROJECT', description: '', havePermission }] as const
  })
  return ok({ permissions: Object.fromEntries(shown) })
}
