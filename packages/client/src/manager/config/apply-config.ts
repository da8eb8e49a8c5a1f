import type { SessionManager } from '../manager.ts'
import { createAsker } from './ask-inputs.ts'
import { createOwnServers, type OwnServers } from './own-servers.ts'
import type { ParsedConfig } from './parse-config.ts'
import { type Outcome, type Plan, planOf, type Skipped, skip, taken } from './plan.ts'
import { planConfig } from './plan-config.ts'
import type { ResolveContext } from './resolve-context.ts'
import type { ServerEntry } from './server-entry.ts'
import { type Candidate, candidate, decide, decideInTime, settle } from './settle-server.ts'

/** Whether a plan is carried out, or only made, and how long answers are waited for. */
export interface ApplyOptions {
  /** Says what would happen, and asks for trust and inputs to do so, but changes nothing. Default false. */
  readonly dryRun?: boolean | undefined
  /** Ends the waiting for answers: what waits is skipped, and all the rest is done nevertheless. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a manager run the servers of a configuration. Those that stay as they were keep their connection; others of the
 * manager are left alone, also those of other files. Each server that needs the answer of somebody is added when it is there, and
 * keeps no other one waiting; applying one of its files anew gives it up. Resolves when nothing is waited for any more, whether
 * servers have started or not: `manager.ready()` waits for that.
 */
export async function applyConfig(
  manager: SessionManager,
  config: ParsedConfig,
  context: ResolveContext = {},
  { dryRun = false, signal }: ApplyOptions = {},
): Promise<Plan> {
  const applied = appliedTo(manager)
  const paths = new Set(config.sources.map(({ path }) => path))
  const superseded = [...applied.waiting].filter((one) => !dryRun && [...one.paths].some((path) => paths.has(path)))
  for (const one of superseded) one.end.abort()

  const end = new AbortController()
  // one after the other: each plans from what the one before it has done
  const begun = applied.last.then(async () => {
    await Promise.all(superseded.map(({ done }) => done))
    const ending = signal === undefined ? end.signal : AbortSignal.any([end.signal, signal])
    return begin({ own: applied.own, config, context, paths, dryRun, signal: ending })
  })
  const result = begun.then(({ rest }) => rest)
  applied.last = begun.then(({ prompt }) => prompt).then(ignore, ignore)
  const waiting: Waiting = { paths, end, done: result.then(ignore, ignore) }
  if (!dryRun) applied.waiting.add(waiting)
  try {
    return planOf(await result)
  } finally {
    applied.waiting.delete(waiting)
  }
}

/** An application that is not over. */
interface Waiting {
  readonly paths: ReadonlySet<string>
  readonly end: AbortController
  /** Never rejects. */
  readonly done: Promise<void>
}

interface AppliedTo {
  readonly own: OwnServers
  readonly waiting: Set<Waiting>
  /** Over when the last one has done all that waits for no answer. Never rejects. */
  last: Promise<void>
}

const managers = new WeakMap<SessionManager, AppliedTo>()

function appliedTo(manager: SessionManager): AppliedTo {
  const known = managers.get(manager) ?? {
    own: createOwnServers(manager),
    waiting: new Set<Waiting>(),
    last: Promise.resolve(),
  }
  managers.set(manager, known)
  return known
}

interface Application {
  readonly own: OwnServers
  readonly config: ParsedConfig
  readonly context: ResolveContext
  readonly paths: ReadonlySet<string>
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** What is over soon, and what may wait for somebody; in the order of the files. */
interface Begun {
  readonly prompt: Promise<unknown>
  readonly rest: Promise<readonly Outcome[]>
}

async function begin({ own, config, context, paths, dryRun, signal }: Application): Promise<Begun> {
  const running = own.of(paths)
  const { wanted, skipped } = sort(config, (name) => !running.has(name) && own.isThere(name))
  const invalid = new Set(skipped.filter(({ reason }) => reason === 'invalid').map(({ server }) => server))
  const comparable = [...running].filter(([name]) => !invalid.has(name))
  const plan = planConfig(new Map(comparable.map(([name, one]) => [name, one.fingerprint])), wanted)
  const same = new Set(plan.keep)

  const candidates = wanted.map((entry) =>
    candidate(entry, { running: running.get(entry.name), isSame: same.has(entry.name) }, context),
  )
  const ask = createAsker(context, { inputs: config.inputs, signal })
  const removals = plan.remove.map(async (server): Promise<Outcome> => {
    const one = running.get(server)
    if (!dryRun && one !== undefined) await own.remove(server, one)
    return { server, did: 'remove' }
  })
  const later = new Map(
    candidates
      .filter(({ mayWait }) => mayWait)
      .map((one) => [one, decideInTime(one, context, { ask, signal }).then((it) => settle(one, it, own, dryRun))]),
  )
  const soon = candidates.filter(({ mayWait }) => !mayWait)
  const decisions = await Promise.all(soon.map((one) => decide(one, context, ask)))
  // all of them at once, so that servers come in the order of the file and none waits for another one's end
  const settled = new Map(
    decisions.flatMap((decision, index) => {
      const one = soon[index]
      return one === undefined ? [] : [[one, settle(one, decision, own, dryRun)] as const]
    }),
  )
  const outcomeOf = (one: Candidate): Promise<Outcome> | undefined => settled.get(one) ?? later.get(one)
  const passedOver = skipped.map((one): Outcome => {
    const isKept = one.reason === 'invalid' && running.has(one.server)
    return { server: one.server, did: isKept ? 'keep' : 'nothing', skipped: one }
  })
  return {
    prompt: Promise.all([...removals, ...settled.values()]),
    rest: Promise.all([...passedOver, ...removals, ...candidates.flatMap((one) => outcomeOf(one) ?? [])]),
  }
}

/** Tells what is to run, if it is trusted, from what is not. */
function sort(
  { servers, problems }: ParsedConfig,
  isTaken: (name: string) => boolean,
): { wanted: ServerEntry[]; skipped: Skipped[] } {
  const names = new Set(servers.map(({ name }) => name))
  const skipped: Skipped[] = []
  for (const { kind, server, message } of problems) {
    if (kind !== 'invalid_entry' || server === undefined || names.has(server)) continue
    // the other mistakes of it are among the problems
    names.add(server)
    skipped.push({ server, reason: 'invalid', message })
  }
  const wanted: ServerEntry[] = []
  for (const entry of servers) {
    const { name } = entry
    if (!entry.enabled) skipped.push(skip(name, 'disabled', 'it is switched off'))
    else if (isTaken(name)) skipped.push(taken(name))
    else wanted.push(entry)
  }
  return { wanted, skipped }
}

function ignore(): void {}
