import type { Clock } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import type { Connection } from './connection.ts'
import type { EventBody } from './events.ts'
import type { Restarts } from './restarts.ts'
import type { Slot } from './slots.ts'
import type { ServerState } from './state.ts'

/** How a stopped server comes to rest: for now, because it was idle, until it is enabled, or for ever (`retire`). */
export type Rest = 'rest' | 'park' | 'disable' | 'quarantine' | 'retire'

/** Keeps one server connected: starts it, notices its end, starts it again or gives it up, and ends it. */
export interface Supervisor {
  readonly state: ServerState
  /** Why it stands there. */
  readonly reason: string
  /** Number of the last start; 0 before the first. */
  readonly generation: number
  /** Point in time on the wall clock the connection stands since. */
  readonly connectedSince: number | undefined
  readonly client: Client | undefined
  readonly lastError: unknown
  /** Lines that were no messages, over all connections. */
  readonly noise: number
  /** Starts it, and resolves when that attempt is over, whichever way. Never rejects. */
  start(reason: string): Promise<void>
  /**
   * The connection: at once, or when a start or restart that is under way or begun by this has succeeded.
   * @throws {ManagerError} `unavailable`
   * @throws the signal's reason
   */
  connection(signal?: AbortSignal): Promise<Client>
  /** Ends the connection and comes to rest. Never rejects. */
  stop(how: Rest, reason: string): Promise<void>
  enable(reason: string): void
  /** Somebody has to log in first: nothing is tried until then. */
  refuse(error: unknown): void
  /** Something is wrong with the connection, or no longer is. */
  impair(cause: string, reason: string): void
  recover(cause: string): void
  /** Looks whether the connection still stands; one that is waiting to be tried is tried now. */
  verify(reason: string): Promise<void>
}

export interface SupervisorOptions {
  readonly name: string
  readonly slot: Slot
  readonly clock: Clock
  /** Its timers keep the process alive: for whoever waits. */
  readonly waitClock: Clock
  readonly wallClock: () => number
  readonly restarts: Restarts
  /** True where the first start has no second chance. */
  readonly isRequired: boolean
  /** Whether its tools are known while it is not connected. */
  isKnown(): boolean
  readonly startWaitMs: number
  readonly health: { readonly intervalMs: number; readonly timeoutMs: number; idleStopMs(): number | undefined }
  open(signal: AbortSignal): Promise<Connection>
  /** Gets to know the server before the connection counts as open. @throws when the connection is lost by then */
  greet(client: Client): Promise<void>
  /** The connection is open: what stood before it is taken up again. */
  opened(client: Client): void
  /** A sign of life came that was asked for. */
  alive(): void
  /** The connection is over. */
  left(): void
  idleSince(): number | undefined
  emit(event: EventBody): void
}
