import { resolve } from 'node:path'
import { createLogger, serveStdio } from '@bao-mcp/server'
import { HttpListenError, serveHttp } from '@bao-mcp/server/http'
import { readArguments, USAGE } from './arguments.ts'
import { httpAccess } from './http-access.ts'
import { type Bridge, createBridge } from './server/bridge.ts'
import { connectJira } from './server/connect.ts'
import { type Credentials, readCredentials, SettingsError } from './server/credentials.ts'
import { type Flags, flagsFromEnvironment } from './server/flags.ts'
import { readFlagsFile, watchFlagsFile } from './server/flags-file.ts'

const log = createLogger({ usual: 'info' })

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
  const args = readArguments(process.argv.slice(2))
  if (args.kind === 'help') {
    process.stdout.write(USAGE)
    return
  }
  const access = args.kind === 'http' ? httpAccess(args, process.env) : undefined
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
  if (args.kind === 'http') await serveHttp(bridge.server, { ...access, port: args.port, hostname: args.host, log })
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
