/** Words that name a secret, alone or at the end of a name written in one; several of them as well. */
const SECRET_WORDS = ['token', 'secret', 'password', 'passwd', 'passphrase', 'apikey', 'credential']
/** Words that do so alone only. */
const SECRET_ALONE: ReadonlySet<string> = new Set([
  ...['auth', 'authorization', 'bearer', 'cookie', 'cookies', 'jwt', 'pass', 'pat', 'pwd'],
])
/** Words that do so behind one of these. */
const SECRET_BEHIND: Readonly<Record<string, ReadonlySet<string>>> = {
  keys: new Set(['access', 'api', 'auth', 'private', 'secret', 'signing', 'ssh']),
  assertion: new Set(['client']),
  verifier: new Set(['code']),
}
/** What these go before is no secret: a place in a list, a key that everybody may see, a number of words. */
const HARMLESS_BEFORE: Readonly<Record<string, ReadonlySet<string>>> = {
  token: new Set(['page', 'progress', 'cursor', 'sync']),
  tokens: new Set([
    ...['max', 'min', 'total', 'input', 'output', 'prompt', 'completion', 'reasoning', 'thinking', 'cached', 'used'],
    ...['num', 'count', 'budget', 'limit', 'per'],
  ]),
  key: new Set(['public', 'primary', 'foreign', 'sort', 'partition', 'cache', 'issue', 'project', 'map', 'object']),
}
/** Longest name that is looked at, in UTF-16 units: work on text must not grow faster than the text. */
const LONGEST_NAME = 128

/** A scheme of HTTP and what follows it. */
const SCHEME = /\b(Bearer|Basic|DPoP)\s{1,8}[\w.~+/=-]{8,}/gi
/** Headers whose value is a secret, in text for people; some go on to the end of their line. */
const HEADER = /\b((?:x-)?api-key|x-auth-token)(\s{0,8}:\s{0,8})[^\s"',;]{4,}/gi
const LONG_HEADER = /\b((?:(?:proxy-)?authorization|(?:set-)?cookie)\s{0,8}:\s{0,8})[^\r\n"']+/gi
/** The name of a member of JSON, or of what looks like it, up to the start of its text; also within a text of JSON. */
const MEMBER = /(\\*["'])([\w.-]{1,128})\1\s{0,8}:\s{0,8}\1/g
const URL_PASSWORD = /(:\/\/[^/@\s:]*:)[^/\s]+@/g
const URL_USER = /(:\/\/)[^/@\s:]+@/g
/** Values that tell by themselves what they are: tokens of well-known services, and JWTs. */
const KNOWN_TOKEN =
  /\b(?:(?:sk-|[sr]k_(?:live|test)_|gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|eyJ|ATATT|ATCTT)[\w.-]{8,}|A[KS]IA[0-9A-Z]{12,}|(?:AIza|npm_|hf_|pypi-)[A-Za-z0-9-]{20,})/g

/** Whether what has this name is no one's business: a variable, a flag, a header, a member. */
export function soundsSecret(name: string): boolean {
  const words = name
    .slice(0, LONGEST_NAME)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  return words.some((word, index) => {
    const before = words[index - 1] ?? ''
    if (SECRET_ALONE.has(word) || SECRET_BEHIND[word]?.has(before) === true) return true
    // "access key", "api-key", "SSH_KEY": a key of something
    if (word === 'key') return before !== '' && index === words.length - 1 && !isHarmless(word, before)
    return (
      SECRET_WORDS.some((secret) => word.endsWith(secret) || word.endsWith(`${secret}s`)) && !isHarmless(word, before)
    )
  })
}

function isHarmless(word: string, before: string): boolean {
  return HARMLESS_BEFORE[word]?.has(before) === true
}

/** Hides what looks like a secret in text for people, who want to read what follows a colon. */
export function maskText(text: string): string {
  const masked = maskMembers(text)
    .replace(LONG_HEADER, '$1***')
    .replace(HEADER, '$1$2***')
    .replace(SCHEME, '$1 ***')
    .replace(URL_PASSWORD, '$1***@')
    .replace(URL_USER, '$1***@')
    .replace(KNOWN_TOKEN, '***')
  return maskNamed(masked, '=', endOfValue)
}

/** Hides the texts of members of JSON whose names sound secret. One pass, whatever the text. */
function maskMembers(text: string): string {
  let masked = ''
  let done = 0
  for (const { 0: opening, 1: quote = '', 2: name = '', index } of text.matchAll(MEMBER)) {
    const from = index + opening.length
    if (index < done || !soundsSecret(name)) continue
    const end = endOfQuoted(text, from, quote)
    if (end === from) continue
    masked += `${text.slice(done, from)}***`
    done = end
  }
  return masked + text.slice(done)
}

/** Where a quoted text ends, before its quote; the end of everything for one that nobody closes. */
function endOfQuoted(text: string, from: number, quote: string): number {
  let end = text.indexOf(quote, from)
  // a quote behind one more backslash is a part of the text
  while (end > from && text.charAt(end - 1) === '\\') end = text.indexOf(quote, end + 1)
  return end < 0 ? text.length : end
}

/** Hides what looks like a secret in an argument of a command, which may be a header. */
export function maskArgument(text: string): string {
  return maskText(maskNamed(text, ':', endOfHeader))
}

/** Hides what stands behind a name that sounds secret and a separator. One pass, whatever the text. */
function maskNamed(text: string, separator: string, endOf: (text: string, from: number) => number): string {
  let masked = ''
  let done = 0
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, Math.max(at + 1, done))) {
    let start = at
    while (start > done && at - start < LONGEST_NAME && /[\w-]/.test(text.charAt(start - 1))) start--
    if (start === at || !soundsSecret(text.slice(start, at))) continue
    let from = at + 1
    // a header has blanks behind its colon, an assignment has none
    while (separator === ':' && text.charAt(from) === ' ') from++
    const end = endOf(text, from)
    if (end === from) continue
    masked += `${text.slice(done, from)}***`
    done = end
  }
  return masked + text.slice(done)
}

/** Past a value of a shell or a query: a quoted one, or up to what ends it. */
function endOfValue(text: string, from: number): number {
  const quote = text.charAt(from)
  if (quote === '"' || quote === "'") {
    return Math.min(endOfQuoted(text, from + 1, quote) + 1, text.length)
  }
  let end = from
  while (end < text.length && !/[\s&;"']/.test(text.charAt(end))) end++
  return end
}

/** Past the value of a header: up to a quote or the end. Nothing behind the colon of a URL. */
function endOfHeader(text: string, from: number): number {
  if (text.startsWith('//', from)) return from
  let end = from
  while (end < text.length && !/["']/.test(text.charAt(end))) end++
  return end
}
