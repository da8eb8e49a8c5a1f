/** Names of this machine as URLs and `Host` headers have them. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const ADDRESS = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/i

/** Whether only this machine reaches an address or name. */
export function isLoopback(hostname: string): boolean {
  return ADDRESS.test(hostname)
}

/** An address as it stands in a URL and in a `Host` header. */
export function hostOfAddress(hostname: string): string {
  return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
}

/** Whether an address stands for every one of this machine. */
export function isEveryAddress(hostname: string): boolean {
  return /^(?:0\.0\.0\.0|\[?::\]?)$/.test(hostname)
}
