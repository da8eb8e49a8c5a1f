import { AuthError } from './auth-error.ts'

/** How near to this machine a host is; a name that has to be resolved counts as public unless it is reserved. */
export type Nearness = 'loopback' | 'private' | 'public'

const RANKS: Readonly<Record<Nearness, number>> = { loopback: 0, private: 1, public: 2 }

export interface SafeUrlOptions {
  /** Begins the error, such as `token_endpoint of https://login.example.com`. */
  what: string
  /** Who named it: it may not lead nearer to this machine than its namer already is. */
  namedBy: URL
}

/**
 * Reads a URL that a server named and that is to be fetched or opened: https, or http on loopback, without a user, a
 * password or a fragment, and leading no nearer to this machine than whoever named it. Names are not resolved, so one
 * that points to a private address passes: only a network that filters can refuse that.
 * @throws {AuthError} `unsafe_url`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices
 */
export function safeUrl(text: unknown, { what, namedBy }: SafeUrlOptions): URL {
  if (typeof text !== 'string' || !URL.canParse(text)) {
    throw new AuthError('unsafe_url', `${what} must be an absolute URL, got ${shown(text)}`)
  }
  const url = new URL(text)
  const refuse = (why: string): AuthError =>
    new AuthError('unsafe_url', `${what} ${why}, got ${JSON.stringify(withoutQuery(url))}`, { url: withoutQuery(url) })
  const near = nearnessOf(url)
  // what is dropped or escaped by the parser would be shown as it came
  if (/[\p{C}\p{Z}]/u.test(text)) throw refuse('must hold no space and no control character')
  if (url.username !== '' || url.password !== '') throw refuse('must not hold a user or password')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && near === 'loopback')) {
    throw refuse('must be https, or http on loopback')
  }
  if (text.includes('#')) throw refuse('must have no fragment')
  if (RANKS[near] < RANKS[nearnessOf(namedBy)]) {
    throw refuse(`leads to a ${near} address and was named by ${namedBy.origin}, which is ${nearnessOf(namedBy)}`)
  }
  return url
}

/** A URL as it may be shown: queries may hold secrets. */
export function withoutQuery(url: URL): string {
  // a scheme such as javascript: has no origin, and what follows it is a program
  return url.origin === 'null' ? url.protocol : url.origin + url.pathname
}

/** @see https://www.iana.org/assignments/iana-ipv4-special-registry */
export function nearnessOf({ hostname }: URL): Nearness {
  const name = hostname.replace(/\.$/, '')
  if (name.startsWith('[')) return nearnessOf6(name.slice(1, -1))
  if (/^\d+(?:\.\d+){3}$/.test(name)) return nearnessOf4(name.split('.').map(Number))
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback'
  // a name of one label, such as `metadata`, is found in the local network only
  return !name.includes('.') || /\.(?:local|internal|intranet|lan|home\.arpa)$/.test(name) ? 'private' : 'public'
}

function nearnessOf4([a = 0, b = 0, c = 0]: readonly number[]): Nearness {
  // 0.0.0.0 is this host as well
  if (a === 127 || a === 0) return 'loopback'
  const reserved =
    a === 10 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113)
  return reserved ? 'private' : 'public'
}

/** @param text an address as the URL parser writes it: lower case, compressed, without zeros in front */
function nearnessOf6(text: string): Nearness {
  const words = wordsOf(text)
  const [first = 0, second = 0] = words
  const four = (at: number): Nearness => {
    const [high = 0, low = 0] = words.slice(at)
    return nearnessOf4([high >> 8, high & 255, low >> 8, low & 255])
  }
  if (words.slice(0, 5).every((word) => word === 0)) {
    if (words[5] === 0xffff) return four(6)
    // ::1 and ::, and addresses of four bytes in the old way
    return words[5] === 0 && words[6] === 0 ? 'loopback' : four(6)
  }
  if (first === 0x64 && second === 0xff9b) return four(6)
  if (first === 0x2002) return four(1)
  return (first & 0xe000) === 0x2000 && !(first === 0x2001 && second === 0xdb8) ? 'public' : 'private'
}

function wordsOf(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const read = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))
  const before = read(head)
  if (tail === undefined) return before
  const after = read(tail)
  return [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after]
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : typeof value
}
