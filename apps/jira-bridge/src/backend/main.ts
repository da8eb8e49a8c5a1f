import { HELP, readArguments } from './arguments.ts'
import { createLog } from './request-log.ts'
import { startBackend } from './serve.ts'

/** Exit codes of a process that a signal ends. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

const asked = readArguments(process.argv.slice(2))
switch (asked.kind) {
  case 'help':
    process.stdout.write(HELP)
    break
  case 'wrong':
    process.stderr.write(`${asked.reason}\n\n${HELP}`)
    process.exitCode = 2
    break
  case 'serve':
    await serve(asked)
    break
  default:
    asked satisfies never
}

async function serve({
  port,
  hostname,
  allowedHosts,
  command,
}: Extract<typeof asked, { kind: 'serve' }>): Promise<void> {
  const log = createLog((line) => process.stderr.write(line))
  const [program, ...args] = command ?? []
  const jira = program === undefined ? {} : { command: program, args }
  const backend = await startBackend({ port, hostname, allowedHosts, log, jira }).catch((error: unknown) => {
    log({ level: 'error', event: 'not started', error: String(error) })
    process.exit(1)
  })
  let isEnding = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // who asks twice does not want to wait
      if (isEnding) process.exit(SIGNALS[signal])
      isEnding = true
      log({ level: 'info', event: 'signal', signal })
      void backend.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log({ level: 'error', event: 'not ended in order', error: String(error) })
          process.exit(1)
        },
      )
    })
  }
}
