import { type Account, accountByAnyName, accountById } from './accounts.ts'
import { type AdfNode, readAdf, textToAdf } from './adf.ts'
import type { Site } from './site.ts'
import { adfToWiki } from './wiki.ts'

/** What differs between Cloud's v3 and Data Center's v2: rich text, people and the names of lists. */
export interface Dialect {
  /** Path of the API, such as `/rest/api/3`. */
  readonly root: string
  readonly deploymentType: 'Cloud' | 'Server'
  readText(value: unknown): AdfNode | undefined
  /** Said of a value that `readText` does not take. */
  readonly textExpectation: string
  writeText(document: AdfNode): unknown
  /** What a list of create metadata is called. */
  metaName(cloudName: string): string
  /** Text that a search for people takes for everybody. */
  readonly everybody: string
  /** The account that a reference in a body means; undefined when there is none. */
  readAccount(site: Pick<Site, 'db'>, reference: object): Account | undefined
  writeAccount(account: Account, baseUrl: string): Record<string, unknown>
}

export const CLOUD: Dialect = {
  root: '/rest/api/3',
  deploymentType: 'Cloud',
  readText: readAdf,
  textExpectation: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
  writeText: (document) => document,
  metaName: (cloudName) => cloudName,
  everybody: '',
  readAccount(site, reference) {
    const id = 'accountId' in reference ? reference.accountId : 'id' in reference ? reference.id : undefined
    return typeof id === 'string' ? accountById(site, id) : undefined
  },
  writeAccount: ({ accountId, type, email, displayName, isActive }, baseUrl) => ({
    self: `${baseUrl}/rest/api/3/user?accountId=${encodeURIComponent(accountId)}`,
    accountId,
    accountType: type,
    emailAddress: email,
    avatarUrls: avatars(baseUrl),
    displayName,
    active: isActive,
    timeZone: 'Etc/UTC',
  }),
}

export const DATA_CENTER: Dialect = {
  root: '/rest/api/2',
  deploymentType: 'Server',
  readText: (value) => (typeof value === 'string' ? textToAdf(value) : undefined),
  textExpectation: 'Operation value must be a string',
  writeText: adfToWiki,
  metaName: () => 'values',
  everybody: '.',
  readAccount(site, reference) {
    const name = 'name' in reference ? reference.name : 'key' in reference ? reference.key : undefined
    return typeof name === 'string' ? accountByAnyName(site, name) : undefined
  },
  writeAccount: ({ name, email, displayName, isActive }, baseUrl) => ({
    self: `${baseUrl}/rest/api/2/user?username=${encodeURIComponent(name)}`,
    key: name,
    name,
    emailAddress: email,
    avatarUrls: avatars(baseUrl),
    displayName,
    active: isActive,
    timeZone: 'Etc/UTC',
  }),
}

function avatars(baseUrl: string): Record<string, string> {
  return Object.fromEntries(
    ['48x48', '24x24', '16x16', '32x32'].map((size) => [size, `${baseUrl}/avatar.png?size=${size.slice(0, 2)}`]),
  )
}
