#!/usr/bin/env bun
// The client that the official conformance suite judges, started once for each scenario with the URL of a server.
import { scenarioOf } from './client/scenarios.ts'
import { readSituation } from './client/situation.ts'

try {
  const situation = readSituation(process.argv.slice(2), process.env)
  await scenarioOf(situation.scenario)(situation)
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
