import type { Unresolved } from './resolve-server.ts'

/**
 * A server of a configuration that is not run.
 * - `disabled`: it is switched off
 * - `untrusted`: its file is not trusted
 * - `invalid`: its entry cannot be read; where it ran, it goes on as it was
 * - `taken`: another server of the manager has its name
 * - `unanswered`: nobody waits for the answer any more that it needs; where it ran, it goes on as it was
 * - `rejected`: the manager, or one of the context's functions, would not have it
 */
export interface Skipped {
  readonly server: string
  readonly reason: 'disabled' | 'untrusted' | 'invalid' | 'taken' | 'unanswered' | 'rejected'
  readonly message: string
}

/** What happened, by names of servers. JSON, without secrets. */
export interface Plan {
  readonly add: readonly string[]
  readonly change: readonly string[]
  readonly remove: readonly string[]
  readonly keep: readonly string[]
  /** What servers miss that do not run. */
  readonly unresolved: readonly Unresolved[]
  readonly skipped: readonly Skipped[]
}

/** What became of one server. */
export interface Outcome {
  readonly server: string
  readonly did: 'add' | 'change' | 'remove' | 'keep' | 'nothing'
  readonly unresolved?: readonly Unresolved[]
  readonly skipped?: Skipped
}

export function planOf(outcomes: readonly Outcome[]): Plan {
  const those = (what: Outcome['did']): string[] =>
    outcomes.flatMap(({ server, did }) => (did === what ? [server] : []))
  return {
    add: those('add'),
    change: those('change'),
    remove: those('remove'),
    keep: those('keep'),
    unresolved: outcomes.flatMap(({ unresolved = [] }) => unresolved),
    skipped: outcomes.flatMap(({ skipped }) => skipped ?? []),
  }
}

export function skip(server: string, reason: Skipped['reason'], why: string): Skipped {
  return { server, reason, message: `the server "${server}" is not run: ${why}` }
}

export function taken(server: string): Skipped {
  return skip(server, 'taken', 'the manager has another one of this name')
}
