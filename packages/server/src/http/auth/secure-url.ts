import { isLoopbackName } from '../loopback.ts'

/** True for the names and addresses of this very machine. */
export function isLoopback({ hostname }: URL): boolean {
  return isLoopbackName(hostname)
}

/**
 * Reads a URL that tokens or keys depend on: https, or http on loopback, without a user and without a fragment.
 * @param what begins the error, such as `auth.resource`
 * @throws {TypeError}
 */
export function secureUrl(text: string | URL, what: string): URL {
  if (!URL.canParse(String(text))) {
    throw new TypeError(`${what} must be an absolute URL, got ${JSON.stringify(String(text))}`)
  }
  const url = new URL(text)
  // what stands before the host may be a password
  if (url.username !== '' || url.password !== '') throw new TypeError(`${what} must not hold a user or password`)
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
  if (!secure) throw new TypeError(`${what} must be https, or http on loopback, got ${JSON.stringify(url.href)}`)
  if (url.href.includes('#')) throw new TypeError(`${what} must have no fragment, got ${JSON.stringify(url.href)}`)
  return url
}
