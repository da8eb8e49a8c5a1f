import { createMcpHandler } from '@modelcontextprotocol/server'
import { serveForMeasuring } from '../../http-harness.ts'
import { createEcho } from './echo.ts'

const { fetch } = createMcpHandler(() => createEcho())
await serveForMeasuring((request) => fetch(request))
