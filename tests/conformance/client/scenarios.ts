import {
  acceptDefaults,
  addNumbers,
  answerQuestions,
  comeBack,
  declareAll,
  echoSchema,
  greet,
  readForeignSchema,
} from './calls.ts'
import { askEverything, callAll, makeCalls } from './headers.ts'
import { logIn, logInBound } from './login.ts'
import { comeFromCompany, comeFromPlatform, showSecret, signIn } from './machines.ts'
import { lookAround, useSkill } from './skills.ts'
import type { Scenario } from './talk.ts'

/** What the client does, by the names of scenarios. */
const named: ReadonlyMap<string, Scenario> = new Map([
  ['initialize', greet],
  ['tools_call', addNumbers],
  ['elicitation-sep1034-client-defaults', acceptDefaults],
  ['sse-retry', comeBack],
  ['request-metadata', declareAll],
  ['sep-2322-client-request-state', answerQuestions],
  ['json-schema-ref-no-deref', readForeignSchema],
  ['json-schema-2020-12-preservation', echoSchema],
  ['http-standard-headers', askEverything],
  ['http-custom-headers', makeCalls],
  ['http-invalid-tool-headers', callAll],
  ['sep-2640-client-no-prefetch', lookAround],
  ['auth/client-credentials-jwt', signIn],
  ['auth/client-credentials-basic', showSecret],
  ['auth/enterprise-managed-authorization', comeFromCompany],
  ['auth/wif-jwt-bearer', comeFromPlatform],
  ['auth/dpop', logInBound],
  ['auth/dpop-nonce', logInBound],
])

/** What it does in the rest of a family, by what their names begin with. */
const families: readonly (readonly [prefix: string, scenario: Scenario])[] = [
  ['auth/', logIn],
  ['sep-2640-client-verify-', useSkill],
]

/** @throws {Error} when the client knows nothing to do */
export function scenarioOf(name: string): Scenario {
  const found = named.get(name) ?? families.find(([prefix]) => name.startsWith(prefix))?.[1]
  if (found === undefined) throw new Error(`there is no client for the scenario ${name}`)
  return found
}
