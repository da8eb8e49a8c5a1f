import { test } from 'bun:test'
import { runScenario, serveScenarios } from './serve.ts'

for (const [does, scenario] of Object.entries(serveScenarios)) {
  test(`serveHttp ${does}`, () => runScenario(scenario))
}
