import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { createEcho } from './echo.ts'

serveStdio(() => createEcho())
