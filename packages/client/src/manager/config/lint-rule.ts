import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Dialect } from './dialects.ts'
import type { ConfigInput, ServerEntry } from './server-entry.ts'

/** Mistakes in one server. */
export type EntryCode =
  | 'type_missing'
  | 'type_mismatch'
  | 'foreign_key'
  | 'foreign_variable'
  | 'unknown_variable'
  | 'unknown_input'
  | 'misnamed_key'
  | 'command_line'
  | 'shell_syntax'
  | 'npx_prompt'
  | 'relative_path'
  | 'tilde'
  | 'plain_secret'
  | 'exposed_secret'
  | 'url'
  | 'host'
  | 'plain_http'
  | 'sse_url'
  | 'name'
  | 'long_name'
  | 'env_type'
  | 'timeout_unit'

/** One server as a rule sees it. */
export interface LintSubject {
  readonly name: string
  /** As it is written. */
  readonly raw: JsonObject
  /** Undefined where it cannot be used. */
  readonly entry: ServerEntry | undefined
  readonly dialect: Dialect
  readonly inputs: readonly ConfigInput[]
}

/** A finding without its place. */
export interface Draft {
  readonly code: EntryCode
  readonly severity: 'error' | 'warning' | 'info'
  /** Keys from the server on. */
  readonly keys: readonly string[]
  readonly message: string
  readonly fix: string
}

export type Rule = (subject: LintSubject) => readonly Draft[]

export function draft(
  code: Draft['code'],
  severity: Draft['severity'],
  keys: readonly string[],
  message: string,
  fix: string,
): Draft {
  return { code, severity, keys, message, fix }
}
