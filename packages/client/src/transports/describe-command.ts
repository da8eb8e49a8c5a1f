import { maskArgument, soundsSecret } from '@bao-mcp/protocol/engine'
import { isSecretFlag } from './mask-secrets.ts'

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
    isSecret = isSecretFlag(arg)
  }
  const line = words.join(' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}

function mask(arg: string): string {
  const assignment = /^([^=\s:/]+)=/.exec(arg)
  // the value of an argument of its own goes to its end, spaces included
  if (assignment?.[1] !== undefined && soundsSecret(assignment[1])) return `${assignment[1]}=***`
  return maskArgument(arg)
}
