import type { MaybePromise } from '@bao-mcp/protocol/engine'
import type { Authorizer } from '../../auth/authorizer.ts'
import type { ServerOptions } from '../server-config.ts'
import type { EntryOAuth, EntryOrigin, HttpEntry, ServerEntry } from './server-entry.ts'

/** What variables of a configuration stand for, and whether they may be looked at. */
export interface ResolveContext {
  /**
   * Whether servers of a file may be expanded and run: whoever writes a project's file decides what runs on this machine.
   * Default false.
   */
  readonly trusted?: boolean | ((origin: EntryOrigin) => boolean) | undefined
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** `${workspaceFolder}`, and where relative folders start. Default: not known; those start at the file's folder. */
  readonly workspaceFolder?: string | undefined
  /** `${userHome}`. Default: what `env` says. */
  readonly userHome?: string | undefined
  /** `${__dirname}`. Default: the folder of the file. */
  readonly dirname?: string | undefined
  /** Asks for `${input:id}`; undefined when there is no answer. What it stands for is in `ParsedConfig.inputs`. */
  readonly inputs?: ((id: string) => MaybePromise<string | undefined>) | undefined
  /** `${user_config.x}`. A list in an argument of its own becomes several arguments. */
  readonly userConfig?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined
  /** Makes the login of a server under a URL, unless its configuration says there is none. */
  readonly auth?: ((server: LoginRequest) => Authorizer | undefined) | undefined
  /** More of how a server is treated; overrides what its configuration says. */
  readonly options?: ((entry: ServerEntry) => ServerOptions) | undefined
}

/** A server that somebody may have to log in to. Holds no variables any more. */
export interface LoginRequest {
  readonly name: string
  readonly url: string
  readonly oauth: EntryOAuth | undefined
  readonly entry: HttpEntry
}

export function isTrusted({ trusted = false }: ResolveContext, origin: EntryOrigin): boolean {
  return typeof trusted === 'function' ? trusted(origin) : trusted
}
