import type { Clock } from '@bao-mcp/protocol/engine'
import type { ConnectOptions } from '../connect.ts'
import type { Verdicts } from '../eras/verdicts.ts'
import type { Pinning } from './pin-options.ts'
import type { PinStore } from './pin-store.ts'
import type { ServerPool } from './slots.ts'
import type { TapMessage } from './tap.ts'
import type { Approve } from './tool-call.ts'
import type { Vet } from './tool-list.ts'

/** Events that are kept for who reads them late. */
export const DEFAULT_MAX_EVENTS = 1_000
/** Milliseconds closing everything may take. */
export const DEFAULT_CLOSE_TIMEOUT_MS = 10_000
/** Milliseconds servers have to be ready. */
export const DEFAULT_READY_TIMEOUT_MS = 30_000

/** What all servers of a manager have in common. */
export interface SessionManagerOptions {
  /** Who servers are told they talk to. */
  readonly info?: ConnectOptions['info']
  /** Decides about every call of a tool before it is sent. Default: all are allowed. */
  readonly approve?: Approve | undefined
  /** Judges every list of tools before it is used. Default: all are good. */
  readonly vet?: Vet | undefined
  /** Whether tools are compared with those that were accepted, of servers that say nothing else. Default `off`. */
  readonly pinning?: Pinning | undefined
  /** Where it is kept which tools were accepted. Default: in this manager, as long as it lives. */
  readonly pins?: PinStore | undefined
  /** Sees every message. It may hold secrets, and must not be changed. */
  readonly tap?: ((message: TapMessage) => void) | undefined
  /** Shares servers with the managers that were given the same. Default: nothing is shared. */
  readonly pool?: ServerPool | undefined
  /** Ends all servers on SIGINT and SIGTERM, and this process afterwards. Default false. */
  readonly ownsProcess?: boolean | undefined
  /** Milliseconds closing everything may take. Default 10 s. */
  readonly closeTimeoutMs?: number | undefined
  /** Events that are kept. Default 1000. */
  readonly maxEvents?: number | undefined
  readonly clock?: Clock | undefined
  /** Milliseconds of the Unix epoch. Default `Date.now`. */
  readonly wallClock?: (() => number) | undefined
  /** Numbers between 0 and 1 that scatter pauses. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  /** Where it is remembered how servers have to be spoken to. Default: one memory for the whole process. */
  readonly verdicts?: Verdicts | undefined
}
