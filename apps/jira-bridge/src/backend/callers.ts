const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a request to a service on the loopback interface comes from a page of somebody else: one that made its own name
 * lead here, or that calls across origins. A service that listens elsewhere is guarded by whoever stands before it.
 */
export function isForeign(request: Request, hostname: string): boolean {
  if (!LOOPBACK.has(hostname) && hostname !== '::1') return false
  const { host, hostname: asked } = new URL(request.url)
  if (!LOOPBACK.has(asked)) return true
  const origin = request.headers.get('origin')
  return origin !== null && origin !== `http://${host}`
}
