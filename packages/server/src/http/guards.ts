import { INVALID_REQUEST, shown } from '@bao-mcp/protocol/engine'
import { HttpFault } from './fault.ts'

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

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']
/** Verdicts that are kept: those on names that were let in, and they are few. */
const MAX_KEPT = 1000

/** @throws {TypeError} for an allowed origin that is none */
export function createGuards({ allowedHosts = LOOPBACK, allowedOrigins }: GuardOptions): Guards {
  const names = allowedHosts === 'any' ? undefined : new Set(allowedHosts.map((name) => name.toLowerCase()))
  const origins = new Set(allowedOrigins?.map((origin) => canonicalOrigin(origin)))
  // a port of the loopback interface is as local as another, unless an option says which pages may call
  const trustsLoopback = allowedHosts === LOOPBACK && allowedOrigins === undefined
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
    return trustsLoopback && LOOPBACK.includes(url.hostname)
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
