import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createLogger, serveStdio } from '@bao-mcp/server'
import { HttpListenError, serveHttp } from '@bao-mcp/server/http'
import { type Bridge, createBridge } from './server/bridge.ts'
import { connectJira } from './server/connect.ts'
import { type Credentials, readCredentials, SettingsError } from './server/credentials.ts'
import { type Flags, flagsFromEnvironment } from './server/flags.ts'
import { readFlagsFile, watchFlagsFile } from './server/flags-file.ts'

const USAGE = `usage: bun run apps/jira-bridge [--http [--port <port>] [--host <address>]]

Serves Jira as a Model Context Protocol server: over stdin and stdout, or over HTTP.

  --http            serve Streamable HTTP under /mcp instead
  --port <port>     default 3000; 0 takes any that is free
  --host <address>  default 127.0.0.1, which only this machine reaches
  --help            this text

Environment:
  JIRA_URL             https://your-site.atlassian.net; without it, a Jira that comes along is started
  JIRA_EMAIL           of the account (Jira Cloud)
  JIRA_API_TOKEN       of the account (Jira Cloud)
  JIRA_PERSONAL_TOKEN  instead of these two (Data Center)
  JIRA_WRITE           1 offers the tools that change something; default 0
  JIRA_TOOLS           groups to offer, or with a minus not to: search, issues, comments, transitions,
                       projects, users, prompts, resources; default all
  JIRA_FLAGS_FILE      JSON such as { "write": true, "tools": ["-comments"] }, read again when it changes
`
const HIGHEST_PORT = 65_535
const log = createLogger({ usual: 'info' })

interface Arguments {
  http: boolean
  port: number
  host: string
}

/** @throws {SettingsError} for what is no argument, or makes no sense */
function readArguments(): Arguments | 'help' {
  const { values } = parsed()
  if (values.help === true) return 'help'
  if (values.http !== true && (values.port ?? values.host) !== undefined) {
    throw new SettingsError('--port and --host need --http: without it there is nothing to listen on')
  }
  const port = Number(values.port ?? 3000)
  if (!Number.isInteger(port) || port < 0 || port > HIGHEST_PORT) {
    throw new SettingsError(
      `--port must be a whole number from 0 to ${HIGHEST_PORT}, got ${JSON.stringify(values.port)}`,
    )
  }
  return { http: values.http === true, port, host: values.host ?? '127.0.0.1' }
}

function parsed() {
  try {
    return parseArgs({
      options: {
        http: { type: 'boolean' },
        port: { type: 'string' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (cause) {
    throw new SettingsError(cause instanceof Error ? cause.message : 'the arguments cannot be read', { cause })
  }
}

/** The embedded Jira lives as long as this process. */
async function startDemo(): Promise<Exclude<Credentials, { kind: 'demo' }>> {
  const { startFakeJira } = await import('./fake/start-fake-jira.ts')
  const { url, credentials } = await startFakeJira({ port: 0 })
  log.info(`JIRA_URL is not set, so this is a demo Jira at ${url}, which forgets everything at the end`)
  return { kind: 'cloud', url, email: credentials.email, token: credentials.apiToken }
}

function startFlags(path: string | undefined, otherwise: Flags): Flags {
  return path === undefined ? otherwise : readFlagsFile(path, otherwise)
}

/** The flags file and SIGHUP change what is offered while it runs. */
function followFlags(bridge: Bridge, path: string | undefined, otherwise: Flags): void {
  const file =
    path === undefined
      ? undefined
      : watchFlagsFile({ path, otherwise, onFlags: bridge.setFlags, onFault: (message) => log.warning(message) })
  process.on('SIGHUP', () => {
    file?.reread()
    // never rejects
    void bridge.askPermissions()
  })
}

async function main(): Promise<void> {
  const args = readArguments()
  if (args === 'help') {
    process.stdout.write(USAGE)
    return
  }
  const given = readCredentials(process.env)
  const path = process.env.JIRA_FLAGS_FILE ? resolve(process.env.JIRA_FLAGS_FILE) : undefined
  const otherwise = flagsFromEnvironment(process.env)
  const flags = startFlags(path, otherwise)
  const credentials = given.kind === 'demo' ? await startDemo() : given
  const jira = await connectJira(credentials, { onStrangeAnswer: (message) => log.debug(message) })
  const bridge = createBridge({ jira, flags, log })
  followFlags(bridge, path, otherwise)
  // never rejects
  void bridge.askPermissions()
  if (args.http) await serveHttp(bridge.server, { port: args.port, hostname: args.host, log })
  else await serveStdio(bridge.server, { log })
}

await main().catch((error: unknown) => {
  if (error instanceof SettingsError || error instanceof HttpListenError) {
    process.stderr.write(`jira-bridge: ${error.message}\n${error instanceof SettingsError ? 'Try --help.\n' : ''}`)
  } else {
    log.error('jira-bridge could not start', error)
  }
  process.exit(1)
})
