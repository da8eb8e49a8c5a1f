const SECRET = '(?:token|secret|passw|pwd|api[-_]?key|(?<=[-_])key\\b|auth|credential|cookie|private|bearer)'
const NAME = `[\\w-]*${SECRET}[\\w-]*`
const SECRET_NAME = new RegExp(SECRET, 'i')
/** `NAME=value`, wherever it stands: an argument, a query, a line of a shell. */
const ASSIGNMENT = new RegExp(`(${NAME}=)(?:"[^"]*"|'[^']*'|[^\\s&;"']+)`, 'gi')
/** `Name: value` of a header, up to the end or the next quote. */
const HEADER = new RegExp(`(${NAME}:(?!//)\\s*)[^"']+`, 'gi')
const URL_PASSWORD = /(:\/\/[^/@\s:]*:)[^/@\s]+@/g
const URL_USER = /(:\/\/)[^/@\s:]+@/g
/** Values that tell by themselves what they are: tokens of well-known services, and JWTs. */
const KNOWN_TOKEN = /\b(?:sk-|gh[opsu]_|github_pat_|glpat-|xox[abeprs]-|eyJ)[\w.-]{8,}/g
const LONGEST = 200

/**
 * A command line for errors and logs. What follows a flag, a header or a name that sounds like a secret is masked, and
 * so are who logs in to a URL and tokens of well-known shapes; at most 200 characters.
 */
export function describeCommand(command: string, args: readonly string[] = []): string {
  const words = [mask(command)]
  let isSecret = false
  for (const arg of args) {
    words.push(isSecret && !arg.startsWith('-') ? '***' : mask(arg))
    isSecret = arg.startsWith('-') && !/[=:\s]/.test(arg) && SECRET_NAME.test(arg)
  }
  const line = words.join(' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

function mask(arg: string): string {
  const assignment = /^([^=\s:/]+)=/.exec(arg)
  // the value of an argument of its own goes to its end, spaces included
  if (assignment?.[1] !== undefined && SECRET_NAME.test(assignment[1])) return `${assignment[1]}=***`
  return arg
    .replace(HEADER, '$1***')
    .replace(ASSIGNMENT, '$1***')
    .replace(URL_PASSWORD, '$1***@')
    .replace(URL_USER, '$1***@')
    .replace(KNOWN_TOKEN, '***')
}
