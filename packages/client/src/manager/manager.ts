import type { ReadResourceResult } from '@bao-mcp/protocol'
import type { CallArguments, CallToolOptions, ReadResourceOptions } from '../client.ts'
import type { ListOptions } from '../lists.ts'
import type { ToolResult } from '../tool-result.ts'
import type { ManagerEvent } from './events.ts'
import type { ServerHandle } from './handle.ts'
import type { ManagerSnapshot, ServerInfo } from './info.ts'
import type { ServerTool } from './list-tools.ts'
import type { AcceptToolsOptions } from './pin-options.ts'
import type { ToolChanges } from './pin-set.ts'
import type { ReadyReport } from './readiness.ts'
import type { ServerConfig, ServerOptions } from './server-config.ts'

export interface AddOptions extends ServerOptions {
  /** The server has to start: its first failure is final, and closes the others while the manager was not yet ready. */
  readonly required?: boolean | undefined
}

/** Which servers are waited for, and how long. */
export interface ReadyOptions {
  /** Default 30 s. */
  readonly timeoutMs?: number | undefined
  /** Servers that have to be connected besides those added as `required`; lazy ones are started. */
  readonly require?: 'all' | readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Many servers under names of their own, none of which harms the others. Disposing ends all of them, those started last
 * first, within `closeTimeoutMs`.
 */
export interface SessionManager extends AsyncDisposable {
  /**
   * Adds a server and starts it, unless it is lazy; several may be added at once. Resolves when the first attempt is
   * over, whichever way: the state says how, and a server that did not start is tried again.
   * @throws {ManagerError} `name_taken`, `invalid_config`; `required_failed` for a required server that did not start
   */
  add(name: string, config: ServerConfig, options?: AddOptions): Promise<ServerInfo>
  /** Ends a server and forgets it. @throws {ManagerError} `unknown_server` */
  remove(name: string): Promise<void>
  /** @throws {ManagerError} `unknown_server` */
  get(name: string): ServerHandle
  /**
   * Calls a tool, and starts its server where needed. The tool's own failure is a result with `isError`.
   * @throws {ManagerError} when it was not sent, with the reason
   * @throws {ConnectionError} with `outcome` `unknown` when the tool may have run
   * @throws what {@link Client.callTool} throws
   */
  callTool(server: string, tool: string, args?: CallArguments, options?: CallToolOptions): Promise<ToolResult>
  /** In the order they were added. */
  listServers(): ServerInfo[]
  /**
   * Tools of one server, which is started when they are not known; or of all, where nothing is started for it.
   * @throws {ManagerError} `unknown_server`
   */
  listTools(server?: string, options?: ListOptions): Promise<ServerTool[]>
  /** @throws {ManagerError} `unknown_server` */
  serverInfo(name: string): ServerInfo
  /**
   * Reads a resource from the connected server that offers it, or from `server`.
   * @throws {ManagerError} `unknown_resource`, `ambiguous_resource`
   */
  readResource(
    uri: string,
    options?: ReadResourceOptions & { server?: string | undefined },
  ): Promise<ReadResourceResult>
  /** Starts a server anew, whatever state it is in: after a login, or when it was given up. */
  restart(name: string): Promise<ServerInfo>
  /** Ends a server until it is enabled. */
  disable(name: string, reason?: string): Promise<void>
  /** Takes `disable` and `quarantine` back; the next call starts it. */
  enable(name: string): void
  /** Ends a server whose tools are not to be trusted, until it is enabled. */
  quarantine(name: string, reason: string): Promise<void>
  /**
   * What is not accepted of the tools a server listed last; undefined where that is nothing.
   * @throws {ManagerError} `unknown_server`
   */
  toolChanges(server: string): ToolChanges | undefined
  /**
   * Accepts changed tools as they are now, for all who share the pins, and gives their names. A server that was
   * quarantined for them is released.
   * @throws {ManagerError} `unknown_server`, `unknown_tool`, `pins_failed`; `changes_stale` when `digest` is that of others
   */
  acceptTools(server: string, options?: AcceptToolsOptions): Promise<string[]>
  snapshot(): ManagerSnapshot
  /**
   * What happens, from the event after number `since` on; default: from now on. Ends when the manager is over. Where
   * events are no longer kept, a `gap` comes first.
   */
  events(since?: number): AsyncIterableIterator<ManagerEvent>
  /**
   * Waits for all that is starting.
   * @throws {ManagerError} `required_failed` as soon as a required server failed; the others are closed when this manager
   * was not ready before. `not_ready` when the time is up
   */
  ready(options?: ReadyOptions): Promise<ReadyReport>
  /** Ends every connection. The servers stay, and the next call of one starts it. */
  disconnectAll(): Promise<void>
  /** The same as disposing. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
