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

/** Hides what looks like a secret in text for people, who want to read what follows a colon. */
export function maskText(text: string): string {
  return text
    .replace(SCHEME, '$1 ***')
    .replace(ASSIGNMENT, '$1***')
    .replace(URL_PASSWORD, '$1***@')
    .replace(URL_USER, '$1***@')
    .replace(KNOWN_TOKEN, '***')
}

/** Hides what looks like a secret in an argument of a command, which may be a header. */
export function maskArgument(text: string): string {
  return maskText(text.replace(HEADER, '$1***'))
}
