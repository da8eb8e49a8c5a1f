import type { Implementation } from '@bao-mcp/protocol'
import type { Era } from '@bao-mcp/protocol/revisions'
import type { BreakerState } from './breaker.ts'
import type { Entry } from './entry.ts'
import { stderrTailOf, wordsOf } from './failures.ts'
import type { ToolChanges } from './pin-set.ts'
import type { ShownConfig } from './server-config.ts'
import type { ServerState } from './state.ts'

/** What is known of one server right now. JSON; holds no secret of its configuration. */
export interface ServerInfo {
  readonly name: string
  /** `stdio: bun server.ts`. */
  readonly transport: string
  readonly state: ServerState
  /** Why it stands there. */
  readonly reason: string
  /** Version and era in use; absent while not connected. */
  readonly version?: string
  readonly era?: Era
  /** Who it says it is, for display only. */
  readonly server?: Implementation
  /** Milliseconds of the Unix epoch. */
  readonly connectedSince?: number
  /** Tools that are let through; absent while none are known. */
  readonly toolCount?: number
  readonly lastError?: { readonly name: string; readonly message: string; readonly stderrTail: readonly string[] }
}

/** The same in more detail, for whoever shows it. */
export interface ServerSnapshot extends ServerInfo {
  readonly config: ShownConfig
  readonly required: boolean
  /** Its tools are known, from a manifest or from itself. */
  readonly manifestKnown: boolean
  /** It was connected to at least once. */
  readonly started: boolean
  /** At least one tool was called. */
  readonly invoked: boolean
  readonly starts: number
  readonly restarts: number
  readonly inFlight: number
  readonly queued: number
  readonly subscriptions: number
  readonly breaker: BreakerState
  /** What is not as it was accepted; absent where nothing is pinned, and while nothing is. */
  readonly changes?: ToolChanges
  /** Lines that were no messages. */
  readonly noise: number
}

/** Every server as it is after the event `sequence`. JSON. */
export interface ManagerSnapshot {
  /** Number of the last event it contains: go on with `events(sequence)`. */
  readonly sequence: number
  readonly at: number
  readonly servers: readonly ServerSnapshot[]
}

export function infoOf({ name, server, supervisor, tools }: Entry): ServerInfo {
  const { state, reason, client, connectedSince, lastError } = supervisor
  const toolCount = tools.tools?.length
  return {
    name,
    transport: server.shown.transport,
    state,
    reason,
    ...(client !== undefined && { version: client.version, era: client.era }),
    ...(client?.server !== undefined && { server: client.server }),
    ...(connectedSince !== undefined && { connectedSince }),
    ...(toolCount !== undefined && { toolCount }),
    ...(lastError !== undefined && {
      lastError: {
        name: lastError instanceof Error ? lastError.name : 'Error',
        message: wordsOf(lastError),
        stderrTail: stderrTailOf(lastError),
      },
    }),
  }
}

export function snapshotOf(entry: Entry): ServerSnapshot {
  const { server, supervisor, calls, tools, slot, standing, restarts, pinning } = entry
  const changes = pinning?.pending
  return {
    ...infoOf(entry),
    config: server.shown,
    required: entry.isRequired,
    manifestKnown: tools.tools !== undefined,
    started: entry.hasStarted,
    invoked: entry.hasInvoked,
    starts: supervisor.generation,
    restarts: restarts.total,
    inFlight: slot.queue.inFlight,
    queued: slot.queue.waiting,
    subscriptions: standing.size,
    breaker: calls.breaker.state,
    ...(changes !== undefined && { changes }),
    noise: supervisor.noise,
  }
}
