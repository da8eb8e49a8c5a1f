import { isLoopback } from '../loopback.ts'

/** How the bridge signs in, and where. `demo` is the Jira that comes with the bridge. */
export type Credentials =
  | { kind: 'cloud'; url: string; email: string; token: string }
  | { kind: 'data-center'; url: string; token: string }
  | { kind: 'demo' }

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment cannot be used. The message names the variable and what to do, and never its value when that is secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const TOKEN_PAGE = 'https://id.atlassian.com/manage-profile/security/api-tokens'
const SCOPED = /^\/ex\/jira\/[^/]+$/

/**
 * Credentials from the environment alone: `JIRA_URL` with `JIRA_EMAIL` and `JIRA_API_TOKEN` for Cloud, or with
 * `JIRA_PERSONAL_TOKEN` for Data Center; nothing of that for the demo.
 * @throws {SettingsError}
 */
export function readCredentials(env: Environment): Credentials {
  const given = (name: string): string | undefined => {
    const value = env[name]?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  const email = given('JIRA_EMAIL')
  const token = given('JIRA_API_TOKEN')
  const personalToken = given('JIRA_PERSONAL_TOKEN')
  const address = given('JIRA_URL')
  if (address === undefined) {
    const stray = ['JIRA_EMAIL', 'JIRA_API_TOKEN', 'JIRA_PERSONAL_TOKEN'].find((name) => given(name) !== undefined)
    if (stray === undefined) return { kind: 'demo' }
    throw new SettingsError(
      `${stray} is set, but JIRA_URL is not: set it to the address of your Jira, such as https://your-site.atlassian.net`,
    )
  }
  const url = readAddress(address)
  for (const [name, value] of Object.entries({ JIRA_API_TOKEN: token, JIRA_PERSONAL_TOKEN: personalToken })) {
    if (value !== undefined && !/^[\x21-\x7e]+$/.test(value)) {
      throw new SettingsError(`${name} has characters that no token has: copy it again, without spaces or line breaks`)
    }
  }
  if (personalToken !== undefined) {
    if (token !== undefined) {
      throw new SettingsError(
        'JIRA_API_TOKEN and JIRA_PERSONAL_TOKEN are both set: keep JIRA_API_TOKEN for Jira Cloud, or JIRA_PERSONAL_TOKEN for Data Center',
      )
    }
    if (isCloud(url)) {
      throw new SettingsError(
        `JIRA_PERSONAL_TOKEN is for Data Center, and ${url.host} is Jira Cloud: set JIRA_EMAIL and JIRA_API_TOKEN instead (${TOKEN_PAGE})`,
      )
    }
    return { kind: 'data-center', url: addressOf(url), token: personalToken }
  }
  if (email === undefined && token === undefined) {
    throw new SettingsError(
      `JIRA_URL is set, but no credentials: set JIRA_EMAIL and JIRA_API_TOKEN for Jira Cloud (make a token at ${TOKEN_PAGE}), or JIRA_PERSONAL_TOKEN for Data Center`,
    )
  }
  if (email === undefined)
    throw new SettingsError('JIRA_EMAIL is not set: set it to the e-mail of the account that JIRA_API_TOKEN belongs to')
  if (token === undefined) throw new SettingsError(`JIRA_API_TOKEN is not set: make one at ${TOKEN_PAGE} and set it`)
  if (!/^[^\s:@]+@[^\s:@]+$/.test(email))
    throw new SettingsError('JIRA_EMAIL is no e-mail address: set it to the one of the account')
  return { kind: 'cloud', url: addressOf(url), email, token }
}

function readAddress(given: string): URL {
  const url = URL.parse(given)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new SettingsError('JIRA_URL is no address: it must look like https://your-site.atlassian.net')
  }
  if (url.username !== '' || url.password !== '') {
    throw new SettingsError('JIRA_URL holds credentials: take them out, and set JIRA_EMAIL and JIRA_API_TOKEN')
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new SettingsError(
      `JIRA_URL must begin with https: over http the token would travel to ${url.host} for all to read`,
    )
  }
  if (url.hostname === 'api.atlassian.com' && !SCOPED.test(url.pathname.replace(/\/+$/, ''))) {
    throw new SettingsError('JIRA_URL of a scoped token must be https://api.atlassian.com/ex/jira/{cloudId}')
  }
  return url
}

/** Whether people see the site somewhere else than where requests go: scoped tokens go through a common gateway. */
export function isGateway(url: string): boolean {
  return new URL(url).hostname === 'api.atlassian.com'
}

function addressOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.replace(/\/+$/, '')
}

function isCloud({ hostname }: URL): boolean {
  return hostname === 'api.atlassian.com' || hostname.endsWith('.atlassian.net') || hostname.endsWith('.jira.com')
}
