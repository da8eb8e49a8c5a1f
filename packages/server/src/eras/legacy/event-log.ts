import type { Deadline, Deadlines, RequestId } from '@bao-mcp/protocol/engine'
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
  /** Keeps one event. @returns its id; undefined when it is not kept, because there are too many */
  add(data: string): string | undefined
  /** Nothing follows. */
  end(): void
}

/** One entry of a log, as it is kept. */
export type LogEntry =
  | { kind: 'event'; number: number; data: string }
  /** Nothing follows. */
  | { kind: 'end' }
  /** What follows was too much to be kept. */
  | { kind: 'overrun' }
  /** Says that the stream is still written. */
  | { kind: 'sign' }

const END = 'end'
const OVERRUN = 'overrun'
const SIGN = 'sign'

export function logName(session: string, stream: string): string {
  return `events/${session}/${stream}`
}

export function createEventLog(options: EventLogOptions): EventLog {
  const { hub, session, stream, ids, replayTtlMs, maxReplayLength, deadlines } = options
  const name = logName(session, stream)
  let number = 0
  let length = 0
  let state: 'kept' | 'overrun' | 'failed' | 'ended' = 'kept'

  const renewal: Deadline = {
    dueAt: 0,
    heapIndex: -1,
    expire() {
      append(SIGN)
      keep()
    },
  }

  function fail(error: unknown): void {
    if (state === 'failed') return
    state = 'failed'
    deadlines.remove(renewal)
    options.onFailed(error)
  }

  function append(text: string): void {
    hub.append(name, text, { ttlMs: replayTtlMs, maxEntries: Number.MAX_SAFE_INTEGER }).catch(fail)
  }

  /** What is kept lives as long as the call does, and for a while after it. */
  function keep(): void {
    hub.put(name, JSON.stringify(ids), replayTtlMs).catch(fail)
    renewal.dueAt = deadlines.now() + replayTtlMs / 2
    deadlines.add(renewal)
  }

  keep()
  return {
    start: `${stream}.0`,
    add(data) {
      if (state !== 'kept') return undefined
      length += data.length
      if (length > maxReplayLength) {
        state = 'overrun'
        append(OVERRUN)
        return undefined
      }
      number++
      append(`${number} ${data}`)
      return `${stream}.${number}`
    },
    end() {
      deadlines.remove(renewal)
      if (state === 'kept') append(END)
      state = 'ended'
    },
  }
}

export function readEntry(text: string): LogEntry {
  if (text === END || text === OVERRUN || text === SIGN) return { kind: text }
  const space = text.indexOf(' ')
  return { kind: 'event', number: Number(text.slice(0, space)), data: text.slice(space + 1) }
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
  const [, stream, owner, number] = /^(([a-z0-9]+)-[a-z0-9]+)\.(\d{1,15})$/.exec(id) ?? []
  if (stream === undefined || owner === undefined || number === undefined) return undefined
  return { stream, owner, number: Number(number) }
}
