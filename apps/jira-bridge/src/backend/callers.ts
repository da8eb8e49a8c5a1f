import { hostOfAddress, isEveryAddress, LOOPBACK_NAMES } from '../loopback.ts'

/** Names a service is reached under; `'any'` where something before it checks them. */
export type AllowedHosts = readonly string[] | 'any'

export interface Callers {
  /**
   * Whether a request comes from a page of somebody else: one that made its own name lead here, or that calls across
   * origins.
   */
  isForeign(request: Request): boolean
}

/** @param hostname the address the service listens on, which it may be called by, as by the names of this machine */
export function createCallers(hostname: string, allowedHosts: AllowedHosts = []): Callers {
  const own = isEveryAddress(hostname) ? [] : [hostOfAddress(hostname)]
  const names =
    allowedHosts === 'any'
      ? undefined
      : new Set([...LOOPBACK_NAMES, ...own, ...allowedHosts].map((name) => name.toLowerCase()))
  return {
    isForeign({ url, headers }) {
      const { host, hostname: asked } = new URL(url)
      if (names !== undefined && !names.has(asked) && !names.has(host)) return true
      const origin = headers.get('origin')
      return origin !== null && origin !== `http://${host}` && origin !== `https://${host}`
    },
  }
}
