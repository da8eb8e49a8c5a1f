import { accountById } from '../accounts.ts'
import { type Call, listOf, ok, page, pageOf, part, type Route } from '../call.ts'
import { DEFAULT_PRIORITY, ISSUE_TYPES, PRIORITIES } from '../catalog.ts'
import { badRequest } from '../failure.ts'
import { FIELDS, type FieldEntry } from '../fields.ts'
import { createPresenter, type Presenter } from '../present.ts'
import { componentsOf, findProject, type Project, requireProject, visibleProjects } from '../projects.ts'

/** Projects, and what an issue of them can be made of. */
export const PROJECT_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'project/search', run: search },
  { method: 'GET', path: 'project/{project}', run: read },
  { method: 'GET', path: 'issue/createmeta/{project}/issuetypes', run: issueTypes },
  { method: 'GET', path: 'issue/createmeta/{project}/issuetypes/{type}', run: fields },
]

/** A project with everything that its own address shows. */
export function presentProject(presenter: Presenter, project: Project): Record<string, unknown> {
  const { site } = presenter
  const lead = accountById(site, project.lead)
  return {
    expand: 'description,lead,issueTypes,url,projectKeys,permissions,insight',
    ...presenter.project(project),
    description: project.description,
    ...(lead !== undefined && { lead: presenter.user(lead) }),
    components: componentsOf(site, project.id).map(({ id, name }) => ({
      self: presenter.self(`component/${id}`),
      id,
      name,
      isAssigneeTypeValid: false,
    })),
    issueTypes: ISSUE_TYPES.map(({ id }) => presenter.type(id)),
    assigneeType: 'UNASSIGNED',
    versions: [],
    roles: {},
    style: 'classic',
    isPrivate: false,
    properties: {},
  }
}

function search(call: Call) {
  const { site, account, dialect, query } = call
  const wanted = (query.get('query') ?? '').toLowerCase()
  const keys = listOf(query, 'keys')
  const ids = listOf(query, 'id')
  const found = visibleProjects(site, account).filter(
    ({ id, key, name }) =>
      (keys.length === 0 || keys.includes(key)) &&
      (ids.length === 0 || ids.includes(String(id))) &&
      (key.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)),
  )
  const presenter = createPresenter(site, dialect)
  const { values, ...bounds } = page(found, pageOf(call, { size: 50, max: 100 }))
  const { startAt, maxResults } = bounds
  const at = (start: number) => `${presenter.self('project/search')}?maxResults=${maxResults}&startAt=${start}`
  return ok({
    self: at(startAt),
    ...(!bounds.isLast && { nextPage: at(startAt + maxResults) }),
    ...bounds,
    values: values.map((project) => ({
      ...presenter.project(project),
      isPrivate: false,
      style: 'classic',
      properties: {},
    })),
  })
}

function read(call: Call) {
  const project = requireProject(call.site, call.account, part(call, 'project'))
  return ok(presentProject(createPresenter(call.site, call.dialect), project))
}

function issueTypes(call: Call) {
  creatableProject(call)
  const presenter = createPresenter(call.site, call.dialect)
  const { values, isLast: _, ...bounds } = page(ISSUE_TYPES, pageOf(call, { size: 50, max: 200 }))
  return ok({ ...bounds, [call.dialect.metaName('issueTypes')]: values.map(({ id }) => presenter.type(id)) })
}

function fields(call: Call) {
  const project = creatableProject(call)
  const type = ISSUE_TYPES.find(({ id }) => id === part(call, 'type'))
  if (type === undefined)
    throw badRequest(`Issue type '${part(call, 'type')}' does not exist in project '${project.key}'.`)
  const presenter = createPresenter(call.site, call.dialect)
  const settable = FIELDS.filter(({ id, isSettable }) => isSettable && !(id === 'parent' && type.level === 1))
  const { values, isLast: _, ...bounds } = page(settable, pageOf(call, { size: 50, max: 200 }))
  const required = new Set(['summary', 'issuetype', 'project', ...(type.isSubtask ? ['parent'] : [])])
  return ok({
    ...bounds,
    [call.dialect.metaName('fields')]: values.map((field) => ({
      required: required.has(field.id),
      schema: field.schema,
      name: field.name,
      key: field.id,
      fieldId: field.id,
      hasDefaultValue: field.id === 'priority',
      operations: field.id === 'labels' ? ['add', 'set', 'remove'] : ['set'],
      ...choices(presenter, field, { project, typeId: type.id }),
    })),
  })
}

/** Unlike a project's own address, this one calls an unknown project a bad request. */
function creatableProject(call: Call): Project {
  const key = part(call, 'project')
  const project = findProject(call.site, call.account, key)
  if (project === undefined) throw badRequest(`No project could be found with key '${key}'.`)
  return project
}

function choices(
  presenter: Presenter,
  { id }: FieldEntry,
  { project, typeId }: { project: Project; typeId: string },
): Record<string, unknown> {
  switch (id) {
    case 'issuetype':
      return { allowedValues: [presenter.type(typeId)] }
    case 'project':
      return { allowedValues: [presenter.project(project)] }
    case 'priority':
      return {
        defaultValue: presenter.priority(DEFAULT_PRIORITY),
        allowedValues: PRIORITIES.map((each) => presenter.priority(each.id)),
      }
    case 'components':
      return { allowedValues: componentsOf(presenter.site, project.id) }
    case 'assignee':
      return { autoCompleteUrl: `${presenter.self('user/assignable/search')}?project=${project.key}&query=` }
    default:
      return {}
  }
}
