const SECRET_NAME = /token|secret|passw|pwd|api[-_]?key|auth|credential|cookie|private/i
const URL_PASSWORD = /(:\/\/[^/@\s:]*:)[^/@\s]+@/g
const LONGEST = 200

/**
 * A command line for errors and logs. What follows a flag or a name that sounds like a secret is masked, and so are
 * passwords in URLs; at most 200 characters.
 */
export function describeCommand(command: string, args: readonly string[] = []): string {
  const words = [command]
  let isSecret = false
  for (const arg of args) {
    words.push(isSecret && !arg.startsWith('-') ? '***' : mask(arg))
    isSecret = arg.startsWith('-') && !arg.includes('=') && SECRET_NAME.test(arg)
  }
  const line = words.join(' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

function mask(arg: string): string {
  const assignment = /^([^=\s]+)=/.exec(arg)
  if (assignment?.[1] !== undefined && SECRET_NAME.test(assignment[1])) return `${assignment[1]}=***`
  return arg.replace(URL_PASSWORD, '$1***@')
}
