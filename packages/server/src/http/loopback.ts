/** The names under which a server is reached that only this machine reaches, as URLs and `Host` headers have them. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/i

/** True for the names and addresses of this very machine, an address of version 6 with or without its brackets. */
export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}
