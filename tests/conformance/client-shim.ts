#!/usr/bin/env bun
// Runs a client for the referee and records its exit code, which the referee does not look at.
import { appendFileSync } from 'node:fs'

const [log = '', ...command] = process.argv.slice(2)
const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' })
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
const code = await child.exited
appendFileSync(log, `${JSON.stringify({ scenario: process.env.MCP_CONFORMANCE_SCENARIO, code })}\n`)
process.exitCode = code
