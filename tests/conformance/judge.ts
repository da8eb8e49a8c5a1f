/** Which end of the protocol is judged. */
export type Side = 'server' | 'client'

/** One finding of the referee. */
export interface Check {
  id: string
  /** `SUCCESS`, `FAILURE`, `WARNING`, `SKIPPED` or `INFO`. */
  status: string
  /** What it is about; not every check that fails says more. */
  description?: string
  errorMessage?: string
}

/** What one run of the referee left behind. */
export interface Evidence {
  side: Side
  /** The scenarios that the referee lists for this run, each of which has to leave a result. */
  expected: readonly string[]
  /** The findings by scenario, of those that came to an end. */
  results: ReadonlyMap<string, readonly Check[]>
  /** By scenario, how the client's process ended; empty for servers. */
  exits: ReadonlyMap<string, number>
}

/** What is asked of a run beyond the referee's own opinion. */
export interface Standard {
  /** By scenario, the ids of checks that succeeded before. */
  anchored: Readonly<Record<string, readonly string[]>>
  /** By scenario, why it need not pass yet. */
  optional: ReadonlyMap<string, string>
}

export interface Problem {
  /** Absent when the scenario as a whole is at fault. */
  check?: string
  message: string
}

export interface Verdict {
  scenario: string
  /** Ids of the checks that succeeded, sorted and each once. */
  succeeded: readonly string[]
  problems: readonly Problem[]
  /** Why its problems do not count; absent when they do. */
  excuse?: string
}

/** Scenarios in which a client rightly gives up, so that the referee lets it end with any code. */
const mayGiveUp =
  /^auth\/(?:scope-retry-limit|resource-mismatch|iss-(?:supported-missing|wrong-issuer|unexpected|normalized)|metadata-issuer-mismatch)$|^http-invalid-tool-headers$|^sep-2640-client-verify-/

/**
 * Judges one run, a verdict for each expected scenario. Stricter than the referee, which lets warnings, scenarios that
 * checked nothing, scenarios without a result and clients that crash pass.
 */
export function judge(evidence: Evidence, { anchored, optional }: Standard): Verdict[] {
  return evidence.expected.map((scenario) => {
    const checks = evidence.results.get(scenario)
    const succeeded = idsOf(checks ?? [])
    const found = [...ofChecks(checks), ...ofExit(evidence, scenario)]
    // what fails by itself names its reason better than a list of what was lost by it
    const problems = found.length > 0 ? found : ofAnchor(succeeded, anchored[scenario] ?? [])
    const excuse = optional.get(scenario)
    if (excuse === undefined) return { scenario, succeeded, problems }
    if (problems.length > 0) return { scenario, succeeded, problems, excuse }
    return { scenario, succeeded, problems: [{ message: 'it passes: take it off the list of what is optional' }] }
  })
}

/** The checks of one scenario that succeeded and say something of its subject: a well-formed message alone proves little. */
function idsOf(checks: readonly Check[]): string[] {
  const ids = checks
    .filter(({ id, status }) => status === 'SUCCESS' && !id.startsWith('wire-schema'))
    .map(({ id }) => id)
  return [...new Set(ids)].sort()
}

function ofChecks(checks: readonly Check[] | undefined): Problem[] {
  if (checks === undefined) return [{ message: 'it left no result: the referee itself failed in it' }]
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
  if (bad.length === 0 && idsOf(checks).length === 0) return [{ message: 'it checked nothing' }]
  return bad.map(({ id, status, description, errorMessage }) => ({
    check: id,
    message: `${status === 'WARNING' ? 'a warning: ' : ''}${errorMessage ?? description ?? 'without a message'}`,
  }))
}

function ofExit({ side, exits }: Evidence, scenario: string): Problem[] {
  if (side === 'server' || mayGiveUp.test(scenario)) return []
  const code = exits.get(scenario)
  if (code === undefined) return [{ message: 'the client was killed before it ended' }]
  return code === 0 ? [] : [{ message: `the client ended with code ${code}` }]
}

function ofAnchor(succeeded: readonly string[], anchored: readonly string[]): Problem[] {
  return anchored
    .filter((id) => !succeeded.includes(id))
    .map((id) => ({ check: id, message: 'it succeeded before and was not reached this time' }))
}
