import type { Channel } from '@bao-mcp/protocol/engine'

export interface OpenOptions {
  signal?: AbortSignal | undefined
}

/** A way to one server. A value: opening it starts a connection of its own, and it can be opened again. */
export interface Transport {
  /** What it leads to, for errors and logs, without secrets: `stdio: bun apps/echo`. */
  readonly name: string
  /**
   * The same for two transports exactly when they lead to the same server in the same way: what is learned of one holds
   * for the other. May hold secrets, so it is compared and never shown.
   */
  readonly identity: string
  /**
   * True where one connection stays open for the whole conversation and a server that does not know a method may keep
   * silent or end: no answer to the first question is then evidence of an old server, not of an outage.
   */
  readonly silenceIsEvidence: boolean
  /**
   * Starts a connection.
   * @throws {ServerStartError} when there is nothing to connect to
   * @throws the signal's reason
   */
  open(options?: OpenOptions): Promise<Channel>
}
