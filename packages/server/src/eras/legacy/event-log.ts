import { type Deadline, type Deadlines, isJsonObject, type RequestId } from '@bao-mcp/protocol/engine'
import type { Hub } from '../../hub/port.ts'

/** Where the events of one stream are kept, so that they can be replayed from any node. */
export interface EventLogOptions {
  readonly hub: Hub
  readonly session: string
  /** Unique among all streams of the session; begins with the node that writes it. */
  readonly stream: string
  /** The requests that the stream answers. */
  readonly ids: readonly RequestId[]
  readonly replayTtlMs: number
  readonly maxReplayLength: number
  readonly deadlines: Deadlines
  onFailed(error: unknown): void
}

/** The events of one stream, written by the node that runs its calls. */
export interface EventLog {
  /** The id of the place before the first event. */
  readonly start: string
  /** Whether what was told so far can be replayed, all of it. */
  readonly isWhole: boolean
  /** Keeps one event. @returns its id; undefined when it is not kept, because there are too many or the hub is lost */
  add(data: string): string | undefined
  /** Nothing follows. */
  end(): void
}

/** One entry of a log, as it is kept. */
export type LogEntry =
  | { kind: 'event'; number: number; data: string }
  /** Nothing follows the event of this number. */
  | { kind: 'end'; number: number }
  /** What follows was too much to be kept. */
  | { kind: 'overrun' }
  /** What follows, or something before, could not be kept. */
  | { kind: 'broken' }
  /** A reader found that the node which writes is gone. */
  | { kind: 'orphaned' }
  /** Says that the stream is still written. */
  | { kind: 'sign' }

const END = 'end '
const OVERRUN = 'overrun'
const BROKEN = 'broken'
const ORPHANED = 'orphaned'
const SIGN = 'sign'
/** Milliseconds between two attempts to say that a log is broken. */
const SAY_BROKEN_MS = 1000

export function logName(session: string, stream: string): string {
  return `events/${session}/${stream}`
}

export function createEventLog(options: EventLogOptions): EventLog {
  const { hub, session, stream, ids, replayTtlMs, maxReplayLength, deadlines } = options
  const name = logName(session, stream)
  let number = 0
  let length = 0
  let state: 'kept' | 'overrun' | 'broken' | 'ended' = 'kept'
  let brokenUntil = 0

  const renewal: Deadline = {
    dueAt: 0,
    heapIndex: -1,
    expire() {
      if (state === 'broken') return sayBroken()
      append(SIGN).catch(fail)
      keep()
    },
  }

  function append(text: string): Promise<string> {
    return hub.append(name, text, { ttlMs: replayTtlMs, maxEntries: Number.MAX_SAFE_INTEGER })
  }

  function expireIn(ms: number): void {
    renewal.dueAt = deadlines.now() + ms
    deadlines.add(renewal)
  }

  /** What is kept lives as long as the call does, and for a while after it. */
  function keep(): void {
    hub.put(name, textOf({ ids }), replayTtlMs).catch(fail)
    expireIn(replayTtlMs / 2)
  }

  function fail(error: unknown): void {
    if (state === 'broken') return
    state = 'broken'
    brokenUntil = deadlines.now() + replayTtlMs
    deadlines.remove(renewal)
    options.onFailed(error)
    sayBroken()
  }

  /** Whoever follows elsewhere waits for what is missing, so it must learn of it as soon as the hub is back. */
  function sayBroken(): void {
    append(BROKEN).catch(() => {
      // that the hub is lost was reported; what was kept is forgotten by itself after a while
      if (deadlines.now() < brokenUntil) expireIn(SAY_BROKEN_MS)
    })
  }

  async function sayEnd(): Promise<void> {
    const end = await append(`${END}${number}`)
    await hub.put(name, textOf({ ids, end, last: number }), replayTtlMs)
  }

  keep()
  return {
    start: `${stream}.0`,
    get isWhole() {
      return state === 'kept'
    },
    add(data) {
      if (state !== 'kept') return undefined
      length += data.length
      if (length > maxReplayLength) {
        state = 'overrun'
        append(OVERRUN).catch(fail)
        return undefined
      }
      number++
      append(`${number} ${data}`).catch(fail)
      return `${stream}.${number}`
    },
    end() {
      if (state === 'broken') return
      deadlines.remove(renewal)
      if (state === 'kept') sayEnd().catch(fail)
      state = 'ended'
    },
  }
}

export function readEntry(text: string): LogEntry {
  if (text === OVERRUN || text === BROKEN || text === ORPHANED || text === SIGN) return { kind: text }
  const space = text.indexOf(' ')
  if (text.startsWith(END)) return { kind: 'end', number: Number(text.slice(space + 1)) }
  return { kind: 'event', number: Number(text.slice(0, space)), data: text.slice(space + 1) }
}

/**
 * Says for every reader of a stream, now and later, that the node which writes it is gone. It stands behind everything that
 * node has written, so whoever comes to it has been told all there is.
 */
export async function sayOrphaned(hub: Hub, name: string, ttlMs: number): Promise<void> {
  await hub.append(name, ORPHANED, { ttlMs, maxEntries: Number.MAX_SAFE_INTEGER })
}

/** What is kept of a stream beside its events. */
export interface KeptStream {
  readonly ids: readonly RequestId[]
  /** Where in the log it ends, once it has. */
  readonly end?: string
  /** The number of its last event, likewise. */
  readonly last?: number
}

/** Undefined when nothing is kept of a stream any more, or not all of it. */
export async function findKept(hub: Hub, name: string): Promise<KeptStream | undefined> {
  const text = await hub.get(name)
  if (text === undefined) return undefined
  // proof: only an event log puts a text of this name
  const kept = JSON.parse(text) as KeptStream
  return kept.end === undefined || (await hub.has(name, kept.end)) ? kept : undefined
}

function textOf(kept: KeptStream): string {
  return JSON.stringify(kept)
}

/** Where a client left a stream. */
export interface EventPlace {
  readonly stream: string
  readonly number: number
  /** The node that writes the stream. */
  readonly owner: string
}

/** @returns undefined for what is no id of an event of ours */
export function readEventId(id: string): EventPlace | undefined {
  const [, stream, owner, number] = /^(([a-f\d]{16})-[a-z\d]{1,11})\.(\d{1,15})(?:\.[a-z\d-]{1,40})?$/.exec(id) ?? []
  if (stream === undefined || owner === undefined || number === undefined) return undefined
  return { stream, owner, number: Number(number) }
}

/** The ids of requests that a kept event answers. */
export function answeredBy(data: string): RequestId[] {
  const value: unknown = JSON.parse(data)
  const answers: unknown[] = Array.isArray(value) ? value : [value]
  return answers.flatMap((one) => {
    if (!isJsonObject(one) || 'method' in one) return []
    return typeof one.id === 'string' || typeof one.id === 'number' ? [one.id] : []
  })
}
