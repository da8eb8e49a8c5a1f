import { parseArgs } from 'node:util'
import { isEveryAddress } from '../loopback.ts'
import { PORT_EXPECTED, readPort } from '../port-argument.ts'
import type { AllowedHosts } from './callers.ts'
import { DEFAULT_HOST, DEFAULT_PORT } from './serve.ts'

export const HELP = `A web service for Jira issues, over an MCP server.

  bun apps/jira-bridge/src/backend/main.ts [--port <number>] [--host <address>] [--allowed-host <name>]... [-- <command> <arguments>]

  --port <number>        where to listen, 0 for a free one (default ${DEFAULT_PORT})
  --host <address>       default ${DEFAULT_HOST}. The service has no login of its own: what listens elsewhere needs one before it
  --allowed-host <name>  a name it is called by, beside its address and those of this machine; any where what stands
                         before it checks names
  --help                 this text
  -- <command> ...       another Jira MCP server over stdio (default: this project's bridge)

The Jira server is told by JIRA_* of the environment; JIRA_WRITE=1 lets the bridge write, and without JIRA_URL it brings
a Jira of its own to try things on. GET /openapi.json describes the routes.
`

/** What the command line asks for. */
export type Arguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly reason: string }
  | {
      readonly kind: 'serve'
      readonly port: number
      readonly hostname: string
      readonly allowedHosts?: AllowedHosts
      readonly command?: readonly [string, ...string[]]
    }

/** @param args without the runtime and the script */
export function readArguments(args: readonly string[]): Arguments {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const [command, ...rest] = end < 0 ? [] : args.slice(end + 1)
  if (end >= 0 && command === undefined) return { kind: 'wrong', reason: 'there is no command behind --' }
  let values: { port?: string; host?: string; 'allowed-host'?: string[]; help?: boolean }
  try {
    const options = {
      port: { type: 'string' },
      host: { type: 'string' },
      'allowed-host': { type: 'string', multiple: true },
      help: { type: 'boolean' },
    } as const
    values = parseArgs({ args: [...own], options }).values
  } catch (error) {
    return { kind: 'wrong', reason: error instanceof Error ? error.message : String(error) }
  }
  if (values.help === true) return { kind: 'help' }
  const { port: given = String(DEFAULT_PORT), host: hostname = DEFAULT_HOST } = values
  const port = readPort(given)
  if (port === undefined) return { kind: 'wrong', reason: `${PORT_EXPECTED}, got "${given}"` }
  const names = values['allowed-host'] ?? []
  if (isEveryAddress(hostname) && names.length === 0) {
    return { kind: 'wrong', reason: `--host ${hostname} is no name: say with --allowed-host under which it is called` }
  }
  const allowedHosts = names.includes('any') ? 'any' : names
  return {
    kind: 'serve',
    port,
    hostname,
    ...(names.length > 0 && { allowedHosts }),
    ...(command !== undefined && { command: [command, ...rest] }),
  }
}
