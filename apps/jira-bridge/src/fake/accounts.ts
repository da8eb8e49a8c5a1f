import type { Site } from './site.ts'

/** Who calls, or who is named in an issue. */
export interface Account {
  accountId: string
  /** User name, as Data Center knows accounts. */
  name: string
  displayName: string
  email: string
  type: 'atlassian' | 'app'
  isActive: boolean
  canWrite: boolean
  /** Keys of the projects the account sees; all of them when absent. */
  projectKeys?: readonly string[]
}

interface Row {
  account_id: string
  name: string
  display_name: string
  email: string
  type: 'atlassian' | 'app'
  is_active: number
  can_write: number
  project_keys: string | null
}

export function accountById({ db }: Pick<Site, 'db'>, accountId: string): Account | undefined {
  const row = db.query<Row, [string]>('SELECT * FROM accounts WHERE account_id = ?').get(accountId)
  return row === null ? undefined : fromRow(row)
}

/** The account that an id, user name, e-mail or display name means exactly. */
export function accountByAnyName({ db }: Pick<Site, 'db'>, name: string): Account | undefined {
  const row = db
    .query<Row, [string]>(
      `SELECT * FROM accounts WHERE account_id = ?1 OR name = lower(?1) OR lower(email) = lower(?1)
       OR lower(display_name) = lower(?1)`,
    )
    .get(name)
  return row === null ? undefined : fromRow(row)
}

export function accountByApiToken({ db }: Pick<Site, 'db'>, email: string, token: string): Account | undefined {
  const row = db
    .query<Row, [string, string]>(
      'SELECT * FROM accounts WHERE lower(email) = lower(?) AND api_token = ? AND is_active = 1',
    )
    .get(email, token)
  return row === null ? undefined : fromRow(row)
}

export function accountByPersonalToken({ db }: Pick<Site, 'db'>, token: string): Account | undefined {
  const row = db.query<Row, [string]>('SELECT * FROM accounts WHERE personal_token = ? AND is_active = 1').get(token)
  return row === null ? undefined : fromRow(row)
}

/** Active accounts whose name or e-mail has a part that starts with the query, by display name; all for ''. */
export function findAccounts({ db }: Pick<Site, 'db'>, query: string): Account[] {
  const wanted = query.toLowerCase()
  return db
    .query<Row, []>('SELECT * FROM accounts WHERE is_active = 1 ORDER BY display_name')
    .all()
    .map(fromRow)
    .filter(({ displayName, email, name }) =>
      [displayName, ...displayName.split(' '), email, name].some((part) => part.toLowerCase().startsWith(wanted)),
    )
}

export function sees(account: Account, projectKey: string): boolean {
  return account.projectKeys?.includes(projectKey) ?? true
}

function fromRow(row: Row): Account {
  return {
    accountId: row.account_id,
    name: row.name,
    displayName: row.display_name,
    email: row.email,
    type: row.type,
    isActive: row.is_active === 1,
    canWrite: row.can_write === 1,
    ...(row.project_keys !== null && { projectKeys: row.project_keys.split(',') }),
  }
}
