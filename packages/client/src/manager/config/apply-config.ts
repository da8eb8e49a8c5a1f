import type { ServerHandle } from '../handle.ts'
import type { SessionManager } from '../manager.ts'
import { ManagerError } from '../manager-error.ts'
import type { ParsedConfig } from './parse-config.ts'
import { fingerprint, planConfig } from './plan-config.ts'
import { isTrusted, type ResolveContext } from './resolve-context.ts'
import { type Resolution, resolveServer, type Unresolved } from './resolve-server.ts'
import type { ServerEntry } from './server-entry.ts'

/** Whether a plan is carried out, or only made. */
export interface ApplyOptions {
  /** Says what would happen, and asks for inputs to do so, but changes nothing. Default false. */
  readonly dryRun?: boolean | undefined
}

/**
 * A server of a configuration that is not run.
 * - `disabled`: it is switched off
 * - `untrusted`: its file is not trusted
 * - `invalid`: its entry cannot be read; where it ran, it goes on as it was
 * - `taken`: another server of the manager has its name
 * - `rejected`: the manager, or one of the context's functions, would not have it
 */
export interface Skipped {
  readonly server: string
  readonly reason: 'disabled' | 'untrusted' | 'invalid' | 'taken' | 'rejected'
  readonly message: string
}

/** What happened, by names of servers. JSON, without secrets. */
export interface Plan {
  readonly add: readonly string[]
  readonly change: readonly string[]
  readonly remove: readonly string[]
  readonly keep: readonly string[]
  /** Servers that miss something and do not run. */
  readonly unresolved: readonly Unresolved[]
  readonly skipped: readonly Skipped[]
}

/**
 * Makes a manager run the servers of a configuration. Those that stay as they were keep their connection; others of the
 * manager are left alone, also those of other files. Does not wait for servers to start: `manager.ready()` does.
 */
export function applyConfig(
  manager: SessionManager,
  config: ParsedConfig,
  context: ResolveContext = {},
  { dryRun = false }: ApplyOptions = {},
): Promise<Plan> {
  const applied = appliedTo(manager)
  // one after the other: each plans from what the one before it has done
  const result = applied.last.then(() => apply(manager, applied.servers, config, context, dryRun))
  applied.last = result.then(ignore, ignore)
  return result
}

/** A server that came from a file. */
interface Applied {
  readonly path: string
  readonly fingerprint: string
  /** Tells it from another server that was given its name since. */
  readonly handle: ServerHandle
}

const managers = new WeakMap<SessionManager, { servers: Map<string, Applied>; last: Promise<void> }>()

function appliedTo(manager: SessionManager): { servers: Map<string, Applied>; last: Promise<void> } {
  const known = managers.get(manager) ?? { servers: new Map<string, Applied>(), last: Promise.resolve() }
  managers.set(manager, known)
  return known
}

async function apply(
  manager: SessionManager,
  applied: Map<string, Applied>,
  config: ParsedConfig,
  context: ResolveContext,
  dryRun: boolean,
): Promise<Plan> {
  for (const [name, { handle }] of applied) if (handleOf(manager, name) !== handle) applied.delete(name)
  const paths = new Set(config.sources.map(({ path }) => path))
  const own = new Map([...applied].filter(([, { path }]) => paths.has(path)))
  const { wanted, skipped } = sort(config, context, (name) => !own.has(name) && handleOf(manager, name) !== undefined)
  const invalid = new Set(skipped.filter(({ reason }) => reason === 'invalid').map(({ server }) => server))
  const running = [...own].filter(([name]) => !invalid.has(name))
  const plan = planConfig(new Map(running.map(([name, one]) => [name, one.fingerprint])), wanted)

  const attempts = await Promise.all([...plan.add, ...plan.change].map((entry) => attempt(entry, context)))
  const ready = new Map(attempts.flatMap((one) => (one.kind === 'resolved' ? [[one.server, one] as const] : [])))
  const added = plan.add.filter(({ name }) => ready.has(name))
  const changed = plan.change.filter(({ name }) => ready.has(name))
  const gone = plan.change.filter(({ name }) => !ready.has(name)).map(({ name }) => name)
  const rejected: Skipped[] = attempts.flatMap((one) => (one.kind === 'rejected' ? [one.skipped] : []))

  if (!dryRun) {
    const removed = [...plan.remove, ...gone, ...changed.map(({ name }) => name)]
    await Promise.all(removed.map((name) => remove(manager, applied, name)))
    for (const entry of [...added, ...changed]) {
      const resolution = ready.get(entry.name)
      const refused = resolution && (await add(manager, applied, entry, resolution))
      if (refused !== undefined) rejected.push(refused)
    }
  }
  const isIn = ({ name }: ServerEntry): boolean => !rejected.some(({ server }) => server === name)
  return {
    add: added.filter(isIn).map(({ name }) => name),
    change: changed.filter(isIn).map(({ name }) => name),
    remove: [...plan.remove, ...gone],
    keep: [...plan.keep, ...[...own.keys()].filter((name) => invalid.has(name))],
    unresolved: attempts.flatMap((one) => (one.kind === 'unresolved' ? one.unresolved : [])),
    skipped: [...skipped, ...rejected],
  }
}

/** Tells what is to run from what is not. */
function sort(
  { servers, problems }: ParsedConfig,
  context: ResolveContext,
  isTaken: (name: string) => boolean,
): { wanted: ServerEntry[]; skipped: Skipped[] } {
  const names = new Set(servers.map(({ name }) => name))
  const skipped: Skipped[] = problems.flatMap(({ kind, server, message }) =>
    kind === 'invalid_entry' && server !== undefined && !names.has(server)
      ? [{ server, reason: 'invalid', message }]
      : [],
  )
  const wanted: ServerEntry[] = []
  for (const entry of servers) {
    const { name, origin } = entry
    if (!entry.enabled)
      skipped.push({ server: name, reason: 'disabled', message: `the server "${name}" is switched off` })
    else if (!isTrusted(context, origin)) {
      const message = `the server "${name}" is not run: ${origin.path} is not trusted`
      skipped.push({ server: name, reason: 'untrusted', message })
    } else if (isTaken(name)) {
      const message = `the server "${name}" is not run: the manager has another one of this name`
      skipped.push({ server: name, reason: 'taken', message })
    } else wanted.push(entry)
  }
  return { wanted, skipped }
}

type Attempt = Resolution | { readonly kind: 'rejected'; readonly skipped: Skipped }

/** A function of the context that throws concerns the server it was asked about, and no other. */
async function attempt(entry: ServerEntry, context: ResolveContext): Promise<Attempt> {
  try {
    return await resolveServer(entry, context)
  } catch (error) {
    return { kind: 'rejected', skipped: rejection(entry.name, error) }
  }
}

async function remove(manager: SessionManager, applied: Map<string, Applied>, name: string): Promise<void> {
  applied.delete(name)
  try {
    await manager.remove(name)
  } catch (error) {
    // somebody else was faster, and it is gone as it should be
    if (!(error instanceof ManagerError && error.code === 'unknown_server')) throw error
  }
}

async function add(
  manager: SessionManager,
  applied: Map<string, Applied>,
  entry: ServerEntry,
  { config, options }: Extract<Resolution, { kind: 'resolved' }>,
): Promise<Skipped | undefined> {
  const { name, origin } = entry
  const starting = manager.add(name, config, options)
  // how it starts is told by its state and by ready(); a refusal is read below
  starting.catch(ignore)
  let handle = handleOf(manager, name)
  if (handle === undefined) {
    try {
      await starting
      handle = manager.get(name)
    } catch (error) {
      return rejection(name, error)
    }
  }
  applied.set(name, { path: origin.path, fingerprint: fingerprint(entry), handle })
  return undefined
}

function rejection(server: string, error: unknown): Skipped {
  const message = error instanceof Error ? error.message : `the server "${server}" was refused`
  return { server, reason: 'rejected', message }
}

function handleOf(manager: SessionManager, name: string): ServerHandle | undefined {
  try {
    return manager.get(name)
  } catch (error) {
    if (error instanceof ManagerError && error.code === 'unknown_server') return undefined
    throw error
  }
}

function ignore(): void {}
