import { type Account, accountByAnyName } from './accounts.ts'
import { CATEGORIES, ISSUE_TYPES, named, PRIORITIES, RESOLUTIONS, STATUSES } from './catalog.ts'
import { findIssue } from './issues.ts'
import type { JqlContext } from './jql/compile.ts'
import { findProject, visibleProjects } from './projects.ts'
import type { Site } from './site.ts'

/** What names in a query mean to an account. */
export function jqlContext(
  site: Site,
  account: Account,
  { mayBeUnbounded }: Pick<JqlContext, 'mayBeUnbounded'>,
): JqlContext {
  return {
    accountId: account.accountId,
    nowMs: site.nowMs(),
    mayBeUnbounded,
    resolve(kind, value) {
      switch (kind) {
        case 'project':
          return present(
            (
              findProject(site, account, value) ??
              visibleProjects(site, account).find(({ name }) => name.toLowerCase() === value.toLowerCase())
            )?.key,
          )
        case 'issue':
          return present(findIssue(site, account, value)?.id)
        case 'status':
          return present(named(STATUSES, value)?.id)
        case 'category':
          return present(category(value))
        case 'user':
          return present(accountByAnyName(site, value)?.accountId)
        case 'type':
          return present(named(ISSUE_TYPES, value)?.id)
        case 'priority':
          return present(numberOf(named(PRIORITIES, value)?.id))
        case 'resolution':
          return present(named(RESOLUTIONS, value)?.id)
        case 'label':
        case 'text':
          return [value]
        default:
          throw new Error(`no values of ${String(kind satisfies never)}`)
      }
    },
  }
}

function category(value: string): string | undefined {
  const wanted = value.toLowerCase()
  return Object.entries(CATEGORIES).find(
    ([key, { id, name }]) => key === wanted || name.toLowerCase() === wanted || String(id) === value,
  )?.[0]
}

function numberOf(id: string | undefined): number | undefined {
  return id === undefined ? undefined : Number(id)
}

function present<Value>(value: Value | undefined): Value[] {
  return value === undefined ? [] : [value]
}
