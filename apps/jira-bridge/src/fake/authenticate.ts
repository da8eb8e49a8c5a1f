import { type Account, accountByApiToken, accountByPersonalToken } from './accounts.ts'
import type { Dialect } from './dialect.ts'
import { JiraFailure } from './failure.ts'
import type { Site } from './site.ts'

/** The account that a request's credentials belong to: Basic with an API token on Cloud, Bearer with a personal token
 *  on Data Center.
 *  @throws {JiraFailure} 401 without credentials, or with wrong ones */
export function authenticate(site: Pick<Site, 'db'>, dialect: Dialect, header: string | null): Account {
  const [scheme = '', credentials = ''] = (header ?? '').split(' ')
  const account =
    dialect.deploymentType === 'Cloud'
      ? scheme.toLowerCase() === 'basic' && byBasic(site, credentials)
      : scheme.toLowerCase() === 'bearer' && accountByPersonalToken(site, credentials)
  if (account) return account
  throw new JiraFailure(401, {
    errorMessages: ['Client must be authenticated to access this resource.'],
    headers: {
      'www-authenticate': 'Basic realm="Fake Jira"',
      'x-seraph-loginreason': header === null ? 'OUT' : 'AUTHENTICATED_FAILED',
    },
  })
}

function byBasic(site: Pick<Site, 'db'>, credentials: string): Account | undefined {
  const text = Buffer.from(credentials, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : accountByApiToken(site, text.slice(0, colon), text.slice(colon + 1))
}
