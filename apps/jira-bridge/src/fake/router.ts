import type { Route } from './call.ts'
import { CLOUD, DATA_CENTER, type Dialect } from './dialect.ts'
import { COMMENT_ROUTES } from './routes/comments.ts'
import { DATA_CENTER_ROUTES } from './routes/data-center.ts'
import { ISSUE_ROUTES } from './routes/issues.ts'
import { PEOPLE_ROUTES } from './routes/people.ts'
import { PROJECT_ROUTES } from './routes/projects.ts'
import { SEARCH_ROUTES } from './routes/search.ts'
import { SITE_ROUTES } from './routes/site.ts'
import { TRANSITION_ROUTES } from './routes/transitions.ts'

/** Where a request goes: `run` is absent when the path is known and the method is not. */
export interface Match {
  dialect: Dialect
  params: Record<string, string>
  run?: Route['run']
}

const SHARED = [
  ...ISSUE_ROUTES,
  ...COMMENT_ROUTES,
  ...TRANSITION_ROUTES,
  ...PROJECT_ROUTES,
  ...PEOPLE_ROUTES,
  ...SITE_ROUTES,
]

const TABLES: readonly { dialect: Dialect; routes: readonly Route[] }[] = [
  { dialect: CLOUD, routes: literalFirst([...SEARCH_ROUTES, ...SHARED]) },
  { dialect: DATA_CENTER, routes: literalFirst([...DATA_CENTER_ROUTES, ...SHARED]) },
]

/** Finds the operation for a path; undefined when there is none. */
export function matchRoute(method: string, pathname: string): Match | undefined {
  for (const { dialect, routes } of TABLES) {
    if (!pathname.startsWith(`${dialect.root}/`)) continue
    const parts = pathname.slice(dialect.root.length + 1).split('/')
    let seen: Match | undefined
    for (const route of routes) {
      const params = matchParts(route.path.split('/'), parts)
      if (params === undefined) continue
      if (route.method === method) return { dialect, params, run: route.run }
      seen ??= { dialect, params }
    }
    return seen
  }
  return undefined
}

/** So that `project/search` is not taken for the project "search". */
function literalFirst(routes: readonly Route[]): Route[] {
  return routes.toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const given = parts[index] ?? ''
    if (expected.startsWith('{')) {
      const value = decoded(given)
      if (value === undefined || value === '') return undefined
      params[expected.slice(1, -1)] = value
    } else if (expected !== given) return undefined
  }
  return params
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    // a broken escape names nothing, and the caller answers 404
    return undefined
  }
}
