import { parseArgs } from 'node:util'
import { PORT_EXPECTED, readPort } from './port-argument.ts'
import { SettingsError } from './server/credentials.ts'

export const USAGE = `usage: bun run apps/jira-bridge [--http [--port <port>] [--host <address>] [--allowed-host <name>]...]

Serves Jira as a Model Context Protocol server: over stdin and stdout, or over HTTP.

  --http                 serve Streamable HTTP under /mcp instead
  --port <port>          default 3000; 0 takes any that is free
  --host <address>       default 127.0.0.1, which only this machine reaches; any other needs JIRA_BRIDGE_TOKEN
  --allowed-host <name>  a name this server is reached under, beside its address and those of this machine
  --help                 this text

Environment:
  JIRA_URL             https://your-site.atlassian.net; without it, a Jira that comes along is started
  JIRA_EMAIL           of the account (Jira Cloud)
  JIRA_API_TOKEN       of the account (Jira Cloud)
  JIRA_PERSONAL_TOKEN  instead of these two (Data Center)
  JIRA_WRITE           1 offers the tools that change something; default 0
  JIRA_TOOLS           groups to offer, or with a minus not to: search, issues, comments, transitions,
                       projects, users, prompts, resources; default all
  JIRA_FLAGS_FILE      JSON such as { "write": true, "tools": ["-comments"] }, read again when it changes
  JIRA_BRIDGE_TOKEN    what callers over HTTP have to send, as Authorization: Bearer <token>: 16 characters or
                       more, as openssl rand -hex 32 makes them. TLS is for what stands before this server
`

export type Arguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'stdio' }
  | {
      readonly kind: 'http'
      readonly port: number
      readonly host: string
      readonly allowedHosts: readonly string[]
    }

/**
 * @param args without the runtime and the script
 * @throws {SettingsError} for what is no argument, or makes no sense
 */
export function readArguments(args: readonly string[]): Arguments {
  const values = parsed(args)
  if (values.help === true) return { kind: 'help' }
  if (values.http !== true) {
    const isListening = (values.port ?? values.host ?? values['allowed-host']) !== undefined
    if (!isListening) return { kind: 'stdio' }
    throw new SettingsError('--port and --host need --http, as --allowed-host does: without it nothing is listened on')
  }
  const { port: given = '3000', host = '127.0.0.1', 'allowed-host': allowedHosts = [] } = values
  const port = readPort(given)
  if (port === undefined) throw new SettingsError(`${PORT_EXPECTED}, got ${JSON.stringify(given)}`)
  return { kind: 'http', port, host, allowedHosts }
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      http: { type: 'boolean' },
      port: { type: 'string' },
      host: { type: 'string' },
      'allowed-host': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    } as const
    return parseArgs({ args: [...args], options }).values
  } catch (cause) {
    throw new SettingsError(cause instanceof Error ? cause.message : 'the arguments cannot be read', { cause })
  }
}
