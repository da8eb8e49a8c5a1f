import type { Clock } from '@bao-mcp/protocol'
import { createAnswerer, type SeenRequest } from './answer.ts'
import { openDatabase } from './database.ts'
import { createFaults, type Fault, type Hold } from './faults.ts'
import { createSearchIndex } from './search-index.ts'
import { ROLES, type RoleName } from './seed/accounts.ts'
import { seedSite } from './seed/seed-site.ts'
import type { Site } from './site.ts'
import { createThrottle, type RateLimit } from './throttle.ts'

export interface FakeJiraOptions {
  /** 0 takes a free one. */
  port?: number
  hostname?: string
  /** Its `now` is read as milliseconds since 1970. */
  clock?: Pick<Clock, 'now'>
  /** `issues` is how many the project DEMO begins with; the written ones come first. */
  seed?: { issues?: number }
  /** Database file that outlives the process; memory without one. A file that has issues is not seeded again. */
  file?: string
  faults?: readonly Fault[]
  rateLimit?: RateLimit
  /** Whether a search sees writes only after `index()`, or when `reconcileIssues` names the issue. */
  staleSearch?: boolean
  /** Longest description or comment in characters; no limit by default. */
  textLimit?: number
}

/** What an account signs in with: e-mail and API token on Cloud, a personal token on Data Center. */
export interface FakeCredentials {
  email: string
  apiToken: string
  personalToken: string
}

export interface FakeJira extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  /** Of the product owner, who sees and may do everything. */
  readonly credentials: FakeCredentials
  credentialsOf(role: RoleName): FakeCredentials
  accountIdOf(role: RoleName): string
  /** Requests that were answered, oldest first; the last 10,000. */
  readonly requests: readonly SeenRequest[]
  /** Fails the next matching requests. */
  fail(fault: Fault): void
  /** Keeps the next matching answer back.
   *  @returns a promise that settles when the request has come in and waits */
  hold(hold: Hold): Promise<void>
  /** Forgets faults and holds that nothing met yet. */
  clearFaults(): void
  /** Lets searches see everything written so far. */
  index(): void
  close(): Promise<void>
}

const MAX_REQUESTS = 10_000
/** Where the connection ends; what Jira refuses as too large is less. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** Starts a Jira without an account: Cloud's REST v3, and the part of Data Center's v2 that a client needs. */
export async function startFakeJira({
  port = 0,
  hostname = '127.0.0.1',
  clock = { now: () => Date.now() },
  seed = {},
  file,
  faults: planned = [],
  rateLimit,
  staleSearch = false,
  textLimit = Number.POSITIVE_INFINITY,
}: FakeJiraOptions = {}): Promise<FakeJira> {
  const db = openDatabase(file)
  const index = createSearchIndex(db, { isStale: staleSearch })
  const faults = createFaults(planned)
  const nowMs = () => Math.floor(clock.now())
  const requests: SeenRequest[] = []
  let url = ''
  const site: Site = {
    db,
    index,
    nowMs,
    textLimit,
    get baseUrl() {
      return url
    },
  }
  const answer = createAnswerer({
    site,
    faults,
    throttle: rateLimit === undefined ? () => undefined : createThrottle(rateLimit, nowMs),
    onAnswer(seen) {
      requests.push(seen)
      if (requests.length > MAX_REQUESTS) requests.shift()
    },
  })
  seedSite(site, seed)
  index.catchUp()
  const server = Bun.serve({ port, hostname, maxRequestBodySize: MAX_BODY_BYTES, idleTimeout: 0, fetch: answer })
  url = `http://${hostname}:${server.port}`

  async function close(): Promise<void> {
    await server.stop(true)
    db.close()
  }

  return {
    url,
    credentials: credentialsOf('product-owner'),
    credentialsOf,
    accountIdOf: (role) => ROLES[role].accountId,
    requests,
    fail: faults.fail,
    hold: faults.hold,
    clearFaults: faults.clear,
    index: () => index.catchUp(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function credentialsOf(role: RoleName): FakeCredentials {
  const { email, apiToken, personalToken } = ROLES[role]
  return { email, apiToken, personalToken }
}
