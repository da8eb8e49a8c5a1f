#!/usr/bin/env bun
// The client that the official conformance suite judges. It is started once for each scenario, with the URL of a server.
import { readSituation } from './client/situation.ts'
import { play } from './client/play.ts'

try {
  await play(readSituation(process.argv.slice(2), process.env))
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
