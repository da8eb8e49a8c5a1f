import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStdio } from '@bao-mcp/server'
import { echoServer } from './echo.ts'
import { lasting, registrationHint } from './register.ts'
import { painter } from './terminal.ts'

if (process.stdin.isTTY) {
  const launch = { command: process.execPath, args: [dirname(dirname(fileURLToPath(import.meta.url)))] }
  process.stderr.write(registrationHint(lasting(launch), painter(process.stderr).bold))
}

await serveStdio(echoServer)
