const SECRET = '(?:token|secret|passw|pwd|api[-_]?key|(?<=[-_])key\\b|auth|credential|cookie|private|bearer)'
const NAME = `[\\w-]*${SECRET}[\\w-]*`
/** A name whose value is no one's business: of a variable, a flag, a header or a member. */
export const SECRET_NAME: RegExp = new RegExp(SECRET, 'i')
/** `NAME=value`, wherever it stands: an argument, a query, a line of a shell. */
const ASSIGNMENT = new RegExp(`(${NAME}=)(?:"[^"]*"|'[^']*'|[^\\s&;"']+)`, 'gi')
/** `Name: value` of a header, up to the end or the next quote. */
const HEADER = new RegExp(`(${NAME}:(?!//)\\s*)[^"']+`, 'gi')
/** A scheme of HTTP and what follows it. */
const SCHEME = /\b(Bearer|Basic|DPoP)\s+[\w.~+/=-]{8,}/gi
const URL_PASSWORD = /(:\/\/[^/@\s:]*:)[^/@\s]+@/g
const URL_USER = /(:\/\/)[^/@\s:]+@/g
/** Values that tell by themselves what they are: tokens of well-known services, and JWTs. */
const KNOWN_TOKEN = /\b(?:sk-|gh[opsu]_|github_pat_|glpat-|xox[abeprs]-|eyJ)[\w.-]{8,}/g
/** A shorter value is a word that stands for itself; hiding it everywhere would hide more than it keeps. */
const SHORTEST_SECRET = 6

/** Hides what looks like a secret in an argument of a command, headers included. */
export function maskArgument(text: string): string {
  return maskText(text.replace(HEADER, '$1***'))
}

/** Hides what looks like a secret in text for people, who want to read what follows a colon. */
export function maskText(text: string): string {
  return text
    .replace(SCHEME, '$1 ***')
    .replace(ASSIGNMENT, '$1***')
    .replace(URL_PASSWORD, '$1***@')
    .replace(URL_USER, '$1***@')
    .replace(KNOWN_TOKEN, '***')
}

/** Values of variables whose names sound like secrets, the longest first, as one may be a part of another. */
export function secretsOf(env: Readonly<Record<string, string | undefined>> = {}): string[] {
  return Object.entries(env)
    .flatMap(([name, value]) =>
      value !== undefined && value.length >= SHORTEST_SECRET && SECRET_NAME.test(name) ? [value] : [],
    )
    .sort((a, b) => b.length - a.length)
}

/** Hides what looks like a secret, and those that are known. */
export function maskLine(text: string, secrets: readonly string[]): string {
  let masked = text
  for (const secret of secrets) masked = masked.replaceAll(secret, '***')
  return maskText(masked)
}
