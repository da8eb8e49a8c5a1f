import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { writeStderr } from '#runtime/stderr'
import { type ChangeKind, type Changes, createChanges } from './changes.ts'
import { backoffMs } from './hub/backoff.ts'
import type { Hub } from './hub/port.ts'

/** One of the lists, or one resource. */
export type Change = { kind: ChangeKind } | { uri: string }

/** Where in time a change came, over all nodes: what a client that was away goes on from. */
export interface ChangeLog {
  /**
   * Tells of the changes of every node, this one's among them, as `Hub.follow` does. Where the hub is not shared they are
   * kept from the first time on that this was called.
   */
  follow(after: string | undefined, follower: ChangeFollower): Promise<() => void>
  /** Whether the change at a position is still kept. */
  has(position: string): Promise<boolean>
  /**
   * A position behind which is everything that comes from now on, and perhaps something that came before.
   * @throws {HubError} when the hub is out of reach
   */
  here(): Promise<string>
  /**
   * Resolves when whoever listens hears the other nodes as well; undefined where there are none to hear.
   * @throws {HubError} when they cannot be heard now
   */
  reached(): Promise<void> | undefined
}

export interface ChangeFollower {
  change(position: string, change: Change): void
  /** Told once when changes may be missing. Nothing comes after it. */
  lost(error: Error): void
}

export interface SharedChanges {
  readonly changes: Changes
  /** Updates of resources, by URI. */
  readonly updates: Changes<string>
  readonly positions: ChangeLog
}

export interface SharedChangesOptions {
  hub: Hub
  /** Of the definition: nodes that serve one of the same name hear each other. */
  name: string
  /** False for a hub that nobody else can have: nothing is exchanged then. */
  shared: boolean
  /** Told when the hub fails, once until it works again. Default: says so on stderr. */
  failed?: ((error: unknown) => void) | undefined
  clock?: Clock
}

const KEPT_MS = 24 * 60 * 60_000
const MAX_KEPT_CHANGES = 10_000
const KINDS: readonly ChangeKind[] = ['tools', 'resources', 'prompts']

/**
 * Changes of one definition, exchanged with every node that serves it. Local listeners never wait for the hub. What is
 * marked in the tick in which this is made is the definition itself and no change of it. After an outage of the hub the
 * listeners are told of all lists and that updates may have been missed.
 */
export function createSharedChanges(options: SharedChangesOptions): SharedChanges {
  const { hub, name, shared, failed = sayOnStderr, clock = systemClock } = options
  const log = `changes/${name}`
  const node = crypto.randomUUID()
  let isDefined = false
  queueMicrotask(() => {
    // the marks of this tick are told in microtasks that may come after this one
    queueMicrotask(() => {
      isDefined = true
    })
  })
  let isKept = shared
  let isFailing = false
  /** The latest position this node knows of. */
  let latest: { position: string; at: number } | undefined
  let marking: Promise<string> | undefined

  function passed(position: string): void {
    latest = { position, at: clock.now() }
  }

  /** An entry that tells of nothing: one is enough until it is about to be forgotten. */
  async function mark(): Promise<string> {
    try {
      marking ??= hub.append(log, JSON.stringify({ node }), { ttlMs: KEPT_MS, maxEntries: MAX_KEPT_CHANGES })
      const position = await marking
      passed(position)
      return position
    } finally {
      marking = undefined
    }
  }

  function report(error: unknown): void {
    if (isFailing) return
    isFailing = true
    failed(error)
  }

  /** Never rejects: the failure is reported. */
  async function append(told: readonly Change[]): Promise<void> {
    try {
      const texts = told.map((change) => JSON.stringify({ node, ...change }))
      await Promise.all(texts.map((text) => hub.append(log, text, { ttlMs: KEPT_MS, maxEntries: MAX_KEPT_CHANGES })))
      isFailing = false
    } catch (error) {
      report(error)
    }
  }

  function told<K>(asChange: (kind: K) => Change): (kinds: readonly K[]) => void {
    return (kinds) => {
      if (isKept && isDefined) void append(kinds.map(asChange))
    }
  }

  const others = followOthers()
  const changes = createChanges<ChangeKind>({ told: told((kind) => ({ kind })), listening: others.listening })
  const updates = createChanges<string>({ told: told((uri) => ({ uri })), listening: others.listening })

  /** Follows the other nodes while anybody here listens. */
  function followOthers(): { listening(isListening: boolean): void; reached(): Promise<void> | undefined } {
    let wanted = 0
    let attempts = 0
    let failures = 0
    let stop: (() => void) | undefined
    let reached: PromiseWithResolvers<void> | undefined

    function hear(_position: string, text: string): void {
      const entry = readEntry(text)
      if (entry === undefined || entry.node === node) return
      if ('kind' in entry.change) changes.tell(entry.change.kind)
      else updates.tell(entry.change.uri)
    }

    async function start(): Promise<void> {
      const attempt = ++attempts
      const isCurrent = (): boolean => attempt === attempts
      function again(error: unknown): void {
        if (!isCurrent()) return
        report(error)
        reached?.reject(error)
        reached = expected()
        stop = clock.after(backoffMs(++failures), () => void start())
      }
      try {
        const leave = await hub.follow(log, undefined, { entry: hear, lost: again })
        if (!isCurrent()) return leave()
        stop = leave
        reached?.resolve()
      } catch (error) {
        return again(error)
      }
      if (failures === 0) return
      failures = 0
      isFailing = false
      for (const kind of KINDS) changes.tell(kind)
      updates.tellMissed()
    }

    return {
      listening(isListening) {
        if (!shared) return
        wanted += isListening ? 1 : -1
        // it never rejects: a failure is reported and tried again
        if (isListening && wanted === 1) {
          reached = expected()
          void start()
        }
        if (wanted > 0) return
        reached = undefined
        attempts++
        failures = 0
        stop?.()
        stop = undefined
      },
      reached: () => reached?.promise,
    }
  }

  return {
    changes,
    updates,
    positions: {
      follow(after, { change, lost }) {
        isKept = true
        return hub.follow(log, after, {
          entry(position, text) {
            if (latest === undefined || position > latest.position) passed(position)
            const entry = readEntry(text)
            if (entry !== undefined) change(position, entry.change)
          },
          lost,
        })
      },
      has: (position) => hub.has(log, position),
      async here() {
        isKept = true
        const isFresh = latest !== undefined && clock.now() - latest.at < KEPT_MS / 2
        return isFresh && latest !== undefined ? latest.position : mark()
      },
      reached: others.reached,
    },
  }
}

function expected(): PromiseWithResolvers<void> {
  const reached = Promise.withResolvers<void>()
  // nobody may be waiting for it
  reached.promise.catch(() => undefined)
  return reached
}

function sayOnStderr(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  writeStderr(`changes do not reach the other nodes of this server: ${reason}\n`)
}

/** Undefined for what another version of this, or somebody else, wrote: it can be told to nobody. */
function readEntry(text: string): { node: unknown; change: Change } | undefined {
  let entry: unknown
  try {
    entry = JSON.parse(text)
  } catch {
    // not ours, as said above
    return undefined
  }
  if (typeof entry !== 'object' || entry === null) return undefined
  const node = 'node' in entry ? entry.node : undefined
  if ('uri' in entry && typeof entry.uri === 'string') return { node, change: { uri: entry.uri } }
  const kind = 'kind' in entry ? KINDS.find((one) => one === entry.kind) : undefined
  return kind === undefined ? undefined : { node, change: { kind } }
}
