import { test } from 'bun:test'
import { nodeHandlerScenarios, runScenario } from './node-handler.ts'

for (const [does, scenario] of Object.entries(nodeHandlerScenarios)) {
  test(`nodeHandler ${does}`, () => runScenario(scenario))
}
