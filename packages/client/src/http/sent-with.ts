import type { HeaderMap } from './headers.ts'

/** What a request was sent with, kept for the messages about its response. */
export interface SentWith {
  readonly headers: HeaderMap
  readonly target: URL
  /** Whether the option `auth` took care of it. */
  readonly isAuthorized: boolean
}

const EXCERPT_LENGTH = 200
/** Of a body that is looked through for what must not be shown, in UTF-16 units. */
const SEARCHED_LENGTH = 16 * 1024
/** A shorter value is no secret, and is found in words that have nothing to do with it. */
const LEAST_SECRET_LENGTH = 6
const HIDDEN = '[hidden]'
/** Headers every request has, which hold no secret. */
const PLAIN = /^(?:accept|content-type|last-event-id|user-agent|mcp-(?!session-id).*)$/

const known = new WeakMap<Response, SentWith>()

export function rememberSentWith(response: Response, sent: SentWith): void {
  known.set(response, sent)
}

/** Where a response comes from, in brackets, without what may be secret of the URL; empty where that is not known. */
export function placeOf(response: Response): string {
  const target = known.get(response)?.target
  return target === undefined ? '' : ` (${shownUrl(target)})`
}

/** What to do about a status that says it all; empty where nothing is to be added. */
export function adviceFor(response: Response): string {
  const isMissing = response.status === 401 && known.get(response)?.isAuthorized === false
  return isMissing ? '; it wants to know who asks: hand in the option auth, such as bearer() or oauth()' : ''
}

/** A URL without its query, which may hold a secret. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}

/** The beginning of a body, quoted, without the credentials that a server has echoed in it. */
export function excerptOf(response: Response, text: string): string {
  return JSON.stringify(withoutSecrets(response, text.slice(0, SEARCHED_LENGTH)).slice(0, EXCERPT_LENGTH))
}

/** A text of a server without the credentials that its request was sent with. */
export function withoutSecrets(response: Response, text: string): string {
  let shown = text
  for (const secret of secretsOf(known.get(response)?.headers)) shown = shown.replaceAll(secret, HIDDEN)
  return shown
}

/** Values of the headers, and their parts: the longest first, as one may hold another. */
function secretsOf(headers: HeaderMap | undefined): readonly string[] {
  const secrets = new Set<string>()
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (PLAIN.test(name)) continue
    for (const part of [value, ...value.split(/[\s;,=]+/)]) {
      if (part.length >= LEAST_SECRET_LENGTH) secrets.add(part)
    }
  }
  return [...secrets].sort((one, other) => other.length - one.length)
}
