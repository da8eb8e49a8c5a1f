import { parseScope } from './scopes.ts'

/** What a 401 or 403 says about the token that is wanted. */
export interface Challenge {
  /** In lower case: `bearer` or `dpop`. */
  readonly scheme: string
  /** Such as `invalid_token` or `insufficient_scope`. */
  readonly error: string | undefined
  /** All scopes the request needs; undefined when the server does not say. */
  readonly scopes: readonly string[] | undefined
  /** Where the metadata of the resource is, as the server wrote it. */
  readonly resourceMetadata: string | undefined
}

const SCHEMES = ['bearer', 'dpop']

/**
 * The challenge of a `WWW-Authenticate` header that asks for an access token, `Bearer` before `DPoP`; undefined when there
 * is none. Parts that cannot be read are passed over.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5.1
 */
export function readChallenge(headers: Headers, schemes: readonly string[] = SCHEMES): Challenge | undefined {
  const all = parseChallenges(headers.get('www-authenticate') ?? '')
  const found = schemes.flatMap((wanted) => all.filter(({ scheme }) => scheme === wanted))[0]
  if (found === undefined) return undefined
  const { scheme, params } = found
  const scope = params.get('scope')
  return {
    scheme,
    error: params.get('error'),
    scopes: scope === undefined ? undefined : parseScope(scope),
    resourceMetadata: params.get('resource_metadata'),
  }
}

interface RawChallenge {
  scheme: string
  params: Map<string, string>
}

const TOKEN = /[\w!#$%&'*+\-.^`|~]+/y
const TOKEN68 = /[\w\-.~+/]+=*(?=[ \t]*(?:,|$))/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/y
const EQUALS = /[ \t]*=[ \t]*/y

function parseChallenges(text: string): RawChallenge[] {
  const found: RawChallenge[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at = pattern.lastIndex
    return match
  }
  while (at < text.length) {
    const name = take(TOKEN)?.[0]
    if (name === undefined) {
      // an unfinished text swallows the rest
      if (text[at] !== '"') at++
      else if (take(QUOTED) === undefined) break
      continue
    }
    const current = found.at(-1)
    if (current !== undefined && take(EQUALS) !== undefined) {
      const quoted = take(QUOTED)
      const value = quoted === undefined ? take(TOKEN)?.[0] : quoted[1]?.replace(/\\(.)/g, '$1')
      // the first of two holds: a proxy may only have added the second
      if (value !== undefined && !current.params.has(name.toLowerCase())) current.params.set(name.toLowerCase(), value)
      continue
    }
    found.push({ scheme: name.toLowerCase(), params: new Map() })
    if (text[at] !== ' ') continue
    while (text[at] === ' ') at++
    const before = at
    // credentials of one word, as Negotiate has them, are no parameter
    if (take(TOKEN68)?.[0].includes('=') !== true) at = before
  }
  return found
}
