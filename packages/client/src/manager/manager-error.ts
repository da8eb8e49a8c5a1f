import type { ToolChange } from './pin-set.ts'
import type { ServerState } from './state.ts'

/**
 * Why a manager did not do something.
 * - `name_taken`, `invalid_config`: a server cannot be added
 * - `unknown_server`, `unknown_tool`, `unknown_resource`: there is none of the name; `known` are those there are
 * - `ambiguous_resource`: several servers offer it; `known` are their names
 * - `not_allowed`: the tool is not among those of the server that are let through
 * - `tool_changed`: the tool is not as it was accepted, and withheld; `change` says how it differs
 * - `changes_stale`: the tools changed once more since somebody looked at them
 * - `pins_failed`: it cannot be read or written which tools were accepted, or not be compared with them
 * - `denied`: the approval hook said no
 * - `unavailable`: the server is not connected and will not be soon
 * - `circuit_open`: it failed so often that it is left alone for a while
 * - `queue_full`, `queue_timeout`: too many calls wait for it, or this one did for too long
 * - `required_failed`: a server that is required did not start
 * - `not_ready`: servers that were waited for were not ready in time
 * - `closed`: the manager is over
 */
export type ManagerErrorCode =
  | 'name_taken'
  | 'invalid_config'
  | 'unknown_server'
  | 'unknown_tool'
  | 'unknown_resource'
  | 'ambiguous_resource'
  | 'not_allowed'
  | 'tool_changed'
  | 'changes_stale'
  | 'pins_failed'
  | 'denied'
  | 'unavailable'
  | 'circuit_open'
  | 'queue_full'
  | 'queue_timeout'
  | 'required_failed'
  | 'not_ready'
  | 'closed'

/** What is known about the failure: the server, the tool, what there is instead, and its last lines of stderr. */
export interface ManagerEvidence {
  readonly server?: string | undefined
  readonly tool?: string | undefined
  readonly state?: ServerState | undefined
  readonly known?: readonly string[] | undefined
  readonly retryAfterMs?: number | undefined
  readonly change?: ToolChange | undefined
  readonly stderrTail?: readonly string[] | undefined
  readonly cause?: unknown
}

/** The manager did not do what it was asked for; no server has begun with it. */
export class ManagerError extends Error {
  override readonly name = 'ManagerError'
  readonly code: ManagerErrorCode
  readonly server: string | undefined
  readonly tool: string | undefined
  /** Where the server stood. */
  readonly state: ServerState | undefined
  /** What there is instead, the most similar first. */
  readonly known: readonly string[] | undefined
  /** Milliseconds before which asking again is in vain, where that is known. */
  readonly retryAfterMs: number | undefined
  /** How a withheld tool differs from the accepted one; quotes the server, so that it is for people and no model. */
  readonly change: ToolChange | undefined
  /** Last lines the server wrote to stderr, oldest first. */
  readonly stderrTail: readonly string[]

  constructor(code: ManagerErrorCode, message: string, evidence: ManagerEvidence = {}) {
    super(message, evidence.cause === undefined ? undefined : { cause: evidence.cause })
    this.code = code
    this.server = evidence.server
    this.tool = evidence.tool
    this.state = evidence.state
    this.known = evidence.known
    this.retryAfterMs = evidence.retryAfterMs
    this.change = evidence.change
    this.stderrTail = evidence.stderrTail ?? []
  }
}
