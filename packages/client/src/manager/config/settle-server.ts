import type { MaybePromise } from '@bao-mcp/protocol/engine'
import { ManagerError } from '../manager-error.ts'
import { untilAborted } from '../until-aborted.ts'
import type { AskInput } from './ask-inputs.ts'
import type { OwnServer, OwnServers } from './own-servers.ts'
import { type Outcome, type Skipped, skip, taken } from './plan.ts'
import { fingerprint } from './plan-config.ts'
import { referencesIn } from './references.ts'
import { isTrusted, type ResolveContext } from './resolve-context.ts'
import { type Resolution, resolveTrusted } from './resolve-server.ts'
import type { ServerEntry } from './server-entry.ts'
import { textsOf } from './show-entry.ts'

/** One server of a configuration that is to run. */
export interface Candidate {
  readonly entry: ServerEntry
  /** What runs of it. */
  readonly running: OwnServer | undefined
  /** It runs, and is written as it was. */
  readonly isSame: boolean
  readonly trust: MaybePromise<boolean>
  /** Somebody, or the disk, may take any time to answer: others are not to wait for it. */
  readonly mayWait: boolean
}

export function candidate(
  entry: ServerEntry,
  { running, isSame }: Pick<Candidate, 'running' | 'isSame'>,
  context: ResolveContext,
): Candidate {
  const trust = isTrusted(context, entry)
  const asks = context.inputs !== undefined && textsOf(entry).some(([, text]) => asksIn(text))
  const reads = entry.type === 'stdio' && entry.envFile !== undefined
  return { entry, running, isSame, trust, mayWait: typeof trust !== 'boolean' || (!isSame && (asks || reads)) }
}

/** What is to be done about a server. */
type Decision = Resolution | { readonly kind: 'keep' } | { readonly kind: 'skipped'; readonly skipped: Skipped }

/** Finds out what a server's configuration is. Never rejects: what fails concerns this one alone. */
export async function decide(
  { entry, trust, isSame }: Candidate,
  context: ResolveContext,
  ask: AskInput,
): Promise<Decision> {
  const server = entry.name
  if (!(await trust)) return { kind: 'untrusted', server }
  if (isSame) return { kind: 'keep' }
  try {
    return await resolveTrusted(entry, context, ask)
  } catch (error) {
    return { kind: 'skipped', skipped: rejection(server, error) }
  }
}

/** The same, given up when the signal aborts. Never rejects. */
export async function decideInTime(
  one: Candidate,
  context: ResolveContext,
  { ask, signal }: { ask: AskInput; signal: AbortSignal },
): Promise<Decision> {
  // it never rejects itself, so what does is the signal
  const decision = signal.aborted
    ? undefined
    : await untilAborted(decide(one, context, ask), signal).catch(() => undefined)
  if (decision !== undefined) return decision
  const skipped = skip(one.entry.name, 'unanswered', 'nobody waits any more for the answer that it needs')
  return { kind: 'skipped', skipped }
}

/** Does what was decided, or only says what that would be. */
export async function settle(
  { entry, running }: Candidate,
  decision: Decision,
  own: OwnServers,
  dryRun: boolean,
): Promise<Outcome> {
  const server = entry.name
  const end = async (): Promise<'remove' | 'nothing'> => {
    if (running === undefined) return 'nothing'
    if (!dryRun) await own.remove(server, running)
    return 'remove'
  }
  switch (decision.kind) {
    case 'keep':
      return { server, did: 'keep' }
    case 'untrusted':
      return { server, did: await end(), skipped: skip(server, 'untrusted', `${entry.origin.path} is not trusted`) }
    case 'unresolved':
      return { server, did: await end(), unresolved: decision.unresolved }
    case 'skipped': {
      const { skipped } = decision
      if (skipped.reason !== 'unanswered') return { server, did: await end(), skipped }
      return { server, did: running === undefined ? 'nothing' : 'keep', skipped }
    }
    case 'resolved': {
      const did = running === undefined ? 'add' : 'change'
      if (dryRun) return { server, did }
      const ended = running === undefined ? 'nothing' : await end()
      try {
        const from = { path: entry.origin.path, fingerprint: fingerprint(entry) }
        await own.add(server, decision.config, decision.options, from)
        return { server, did }
      } catch (error) {
        return { server, did: ended, skipped: rejection(server, error) }
      }
    }
    default:
      return decision satisfies never
  }
}

function rejection(server: string, error: unknown): Skipped {
  if (error instanceof ManagerError && error.code === 'name_taken') return taken(server)
  const message = error instanceof Error ? error.message : `the server "${server}" was refused`
  return { server, reason: 'rejected', message }
}

function asksIn(text: string): boolean {
  return referencesIn(text).some(({ kind }) => kind === 'input')
}
