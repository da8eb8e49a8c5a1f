import { maskText } from '@bao-mcp/protocol/engine'

/** One thing that happened, told in one line of JSON. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly [member: string]: unknown
}

export type Log = (entry: LogEntry) => void

/** Variables whose values appear in no line, whoever put them there. */
const SECRET_VARIABLES = ['JIRA_API_TOKEN', 'JIRA_PERSONAL_TOKEN', 'JIRA_BRIDGE_TOKEN']
/** Values shorter than this are no secret worth the name, and would blank out half of a line. */
const LEAST_SECRET = 4
/** Characters of one member. */
const MOST_LENGTH = 500

/** @param write takes one line at a time, with its end */
export function createLog(
  write: (line: string) => void,
  {
    env = process.env,
    now = () => new Date(),
  }: { env?: Readonly<Record<string, string | undefined>>; now?: () => Date } = {},
): Log {
  const secrets = SECRET_VARIABLES.map((name) => env[name] ?? '').filter(({ length }) => length >= LEAST_SECRET)
  const clean = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const masked = maskText(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), value))
    return masked.length > MOST_LENGTH ? `${masked.slice(0, MOST_LENGTH)}…` : masked
  }
  return (entry) => write(`${JSON.stringify({ at: now().toISOString(), ...entry }, clean)}\n`)
}
