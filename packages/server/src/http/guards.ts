import { INVALID_REQUEST, shown } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'
import { LOOPBACK_NAMES } from './loopback.ts'

export interface GuardOptions {
  readonly allowedHosts?: readonly string[] | 'any'
  readonly allowedOrigins?: readonly string[]
}

/** Keeps web pages away that have no business here. */
export interface Guards {
  /**
   * Checks where a request was sent to and which page sent it.
   * @returns the origin of the page, when there is one and it may read the answer
   * @throws {HttpFault} 403
   * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#security-warning
   */
  check(request: Request): string | undefined
}

/** A name or an address as a `Host` header has it, with or without a port. */
const HOST = /^(?:\[[\da-f:.]+\]|[a-z\d_](?:[\w.-]*[\w.])?)(?::\d{1,5})?$/i
/** Verdicts that are kept: those on names that were let in, and they are few. */
const MAX_KEPT = 1000

/** @throws {TypeError} for an allowed host or origin that is none, and would let nobody in */
export function createGuards({ allowedHosts = LOOPBACK_NAMES, allowedOrigins }: GuardOptions): Guards {
  const names =
    allowedHosts === 'any' ? undefined : new Set(listed('allowedHosts', allowedHosts, " or 'any'").map(canonicalHost))
  const origins = new Set(listed('allowedOrigins', allowedOrigins ?? []).map(canonicalOrigin))
  // a port of the loopback interface is as local as another, unless an option says which pages may call
  const trustsLoopback = allowedHosts === LOOPBACK_NAMES && allowedOrigins === undefined
  const welcome = new Set<string>()

  function isAllowedHost(host: string): boolean {
    if (names === undefined) return true
    const lower = host.toLowerCase()
    return names.has(lower) || names.has(withoutPort(lower))
  }

  function isAllowedOrigin(origin: string, host: string): boolean {
    const url = parseOrigin(origin)
    if (url === undefined) return false
    if (origins.has(url.origin) || url.host === host.toLowerCase()) return true
    return trustsLoopback && LOOPBACK_NAMES.includes(url.hostname)
  }

  function admit(host: string, origin: string | null): void {
    // neither holds a line break
    const key = origin === null ? host : `${host}\n${origin}`
    if (welcome.has(key)) return
    if (!isAllowedHost(host)) {
      throw new HttpFault(
        403,
        INVALID_REQUEST,
        `the host ${shown(host)} is not one this server is reached under (allowedHosts)`,
      )
    }
    if (origin !== null && !isAllowedOrigin(origin, host)) {
      throw new HttpFault(403, INVALID_REQUEST, `pages of ${shown(origin)} may not call this server (allowedOrigins)`)
    }
    if (welcome.size >= MAX_KEPT) welcome.clear()
    welcome.add(key)
  }

  return {
    check({ headers, url }) {
      const origin = headers.get('origin')
      admit(headers.get('host') ?? hostOf(url), origin)
      return origin ?? undefined
    },
  }
}

/** @throws {TypeError} for what is no list */
function listed(option: string, value: readonly string[], or = ''): readonly string[] {
  if (Array.isArray(value)) return value
  throw new TypeError(`${option} must be a list${or}, got ${JSON.stringify(value)}`)
}

/** @throws {TypeError} for what no request names as its host */
function canonicalHost(name: string): string {
  if (typeof name === 'string' && HOST.test(name)) return name.toLowerCase()
  throw new TypeError(
    `allowedHosts: ${JSON.stringify(name)} is no host name, which has no scheme, path or asterisk; 'any' in place of the list allows all`,
  )
}

/** @throws {TypeError} for what is no origin */
function canonicalOrigin(origin: string): string {
  const url = parseOrigin(origin)
  if (url === undefined) throw new TypeError(`allowedOrigins: ${JSON.stringify(origin)} is no origin`)
  return url.origin
}

/** What a browser can be at: scheme, host and port, and nothing else. */
function parseOrigin(origin: string): URL | undefined {
  const url = URL.parse(origin)
  return url !== null && url.origin !== 'null' && url.href === `${url.origin}/` ? url : undefined
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '')
}

/** A request made by hand has no Host header, only its URL; one that came without a Host header may have neither. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? ''
}
