import { type Account, sees } from './accounts.ts'
import { notFound } from './failure.ts'
import type { Site } from './site.ts'

export interface Project {
  id: number
  key: string
  name: string
  description: string
  lead: string
}

/** Projects the account sees, by key. */
export function visibleProjects({ db }: Pick<Site, 'db'>, account: Account): Project[] {
  const all = db.query<Project, []>('SELECT id, key, name, description, lead FROM projects ORDER BY key').all()
  return all.filter(({ key }) => sees(account, key))
}

/** The project with this id or key, as far as the account sees it. */
export function findProject(site: Pick<Site, 'db'>, account: Account, idOrKey: string): Project | undefined {
  const wanted = idOrKey.toUpperCase()
  return visibleProjects(site, account).find(({ id, key }) => key === wanted || String(id) === idOrKey)
}

/** @throws {JiraFailure} 404 when there is none, or none that the account may see */
export function requireProject(site: Pick<Site, 'db'>, account: Account, idOrKey: string): Project {
  const project = findProject(site, account, idOrKey)
  if (project === undefined) throw notFound(`No project could be found with key '${idOrKey}'.`)
  return project
}

export function componentsOf({ db }: Pick<Site, 'db'>, projectId: number): { id: string; name: string }[] {
  return db
    .query<{ id: number; name: string }, [number]>('SELECT id, name FROM components WHERE project_id = ? ORDER BY name')
    .all(projectId)
    .map(({ id, name }) => ({ id: String(id), name }))
}
