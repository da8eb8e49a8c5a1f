import type { MaybePromise } from '@bao-mcp/protocol/engine'
import type { Authorizer } from '../../auth/authorizer.ts'
import type { ServerOptions } from '../server-config.ts'
import type { ConfigInput, EntryOAuth, EntryOrigin, HttpEntry, ServerEntry } from './server-entry.ts'

/** What variables of a configuration stand for, and whether they may be looked at. */
export interface ResolveContext {
  /**
   * Whether servers of a file may be expanded and run: whoever writes a project's file decides what runs on this machine.
   * Default false. Only true counts: a function that says anything else, or throws, does not trust this server.
   */
  readonly trusted?: boolean | ((origin: EntryOrigin, entry: ServerEntry) => MaybePromise<boolean>) | undefined
  /** Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * `${workspaceFolder}`, and where relative folders start. Default: the folder that has the `.vscode` of the file, else not
   * known, and those start at the file's folder.
   */
  readonly workspaceFolder?: string | undefined
  /** `${userHome}`. Default: what `env` says. */
  readonly userHome?: string | undefined
  /** `${__dirname}`. Default: the folder of the file. */
  readonly dirname?: string | undefined
  /** Asks for `${input:id}`, once for each file that has one; undefined when there is no answer. */
  readonly inputs?: ((id: string, request: InputRequest) => MaybePromise<string | undefined>) | undefined
  /** `${user_config.x}`. A list in an argument of its own becomes several arguments. */
  readonly userConfig?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined
  /** Makes the login of a server under a URL, unless its configuration says there is none. */
  readonly auth?: ((server: LoginRequest) => Authorizer | undefined) | undefined
  /** More of how a server is treated; overrides what its configuration says. */
  readonly options?: ((entry: ServerEntry) => ServerOptions) | undefined
}

/** What an input is for, so that a person can be told before they answer. */
export interface InputRequest {
  /** The first server that needs it; others of its file get the same answer. */
  readonly server: string
  /** The file of the server. */
  readonly path: string
  /** What that file says of it: a description, whether it is a secret, choices and what is usual. Undefined where it says nothing. */
  readonly input: ConfigInput | undefined
  /** Aborts when the answer is not waited for any more. */
  readonly signal: AbortSignal | undefined
}

/** A server that somebody may have to log in to. Holds no variables any more. */
export interface LoginRequest {
  readonly name: string
  readonly url: string
  readonly oauth: EntryOAuth | undefined
  readonly entry: HttpEntry
}

/** Whether a server may be expanded and run; a promise only where somebody is asked who answers with one. Never fails. */
export function isTrusted({ trusted = false }: ResolveContext, entry: ServerEntry): MaybePromise<boolean> {
  if (typeof trusted !== 'function') return trusted === true
  try {
    const answer: unknown = trusted(entry.origin, entry)
    if (typeof answer !== 'object' || answer === null) return answer === true
    return Promise.resolve(answer).then(
      (settled: unknown) => settled === true,
      () => false,
    )
  } catch {
    // whoever cannot be asked has not said yes
    return false
  }
}
