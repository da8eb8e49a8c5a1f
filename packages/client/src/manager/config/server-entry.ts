import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { Dialect } from './dialects.ts'
import type { Place } from './place.ts'

/** Where a server is defined. */
export interface EntryOrigin extends Place {
  readonly dialect: Dialect
}

/** How a person logs in. Texts may hold variables. */
export interface EntryOAuth {
  readonly clientId?: string
  readonly clientSecret?: string
  /** Port of the redirect on this machine. */
  readonly callbackPort?: number
  readonly redirectUri?: string
  readonly scopes?: readonly string[]
  readonly authServerMetadataUrl?: string
}

interface EntryCommon {
  readonly name: string
  readonly origin: EntryOrigin
  /** False where it is switched off. */
  readonly enabled: boolean
  readonly required: boolean
  /** Milliseconds. */
  readonly timeoutMs?: number
  /** Milliseconds. */
  readonly connectTimeoutMs?: number
  /** Tools that are let through. */
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  /** Keys that mean nothing here, as they are written. */
  readonly extra: JsonObject
}

/** A local server as it is written. Texts may hold variables; nothing is expanded. */
export interface StdioEntry extends EntryCommon {
  readonly type: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  /** Null takes an inherited variable away. */
  readonly env: Readonly<Record<string, string | null>>
  /** Names of variables to inherit. */
  readonly inheritEnv: readonly string[]
  readonly envFile?: string
  readonly cwd?: string
}

/** A server under a URL as it is written. Texts may hold variables; nothing is expanded. */
export interface HttpEntry extends EntryCommon {
  readonly type: 'http' | 'sse'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** False where logging in is switched off. */
  readonly oauth?: EntryOAuth | false
}

/** The one normal form of every dialect. May hold secrets somebody wrote into the file: see `showEntry`. */
export type ServerEntry = StdioEntry | HttpEntry

/** What `${input:id}` stands for in its file, as VS Code has it. */
export interface ConfigInput {
  /** The file that says so: another one may mean something else by the id. */
  readonly path: string
  readonly id: string
  readonly description?: string
  /** What is asked for is a secret. */
  readonly password: boolean
  readonly default?: string
  /** What there is to choose from. */
  readonly options?: readonly InputOption[]
}

/** One choice of an input. */
export interface InputOption {
  readonly value: string
  /** What people are shown. */
  readonly label: string
}

/**
 * Something in a configuration that was passed over.
 * - `invalid_entry`: the server cannot be used
 * - `duplicate`: the name or key stands there already; the first one counts
 * - `other_project`: servers that the file has for one project alone are not read
 */
export interface ConfigProblem {
  readonly kind: 'invalid_entry' | 'duplicate' | 'other_project'
  readonly server?: string
  /** `env.TOKEN`. */
  readonly field?: string
  readonly message: string
  readonly place: Place
}
