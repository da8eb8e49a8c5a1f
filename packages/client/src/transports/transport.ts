import type { Channel, MaybePromise } from '@bao-mcp/protocol/engine'

/** What a channel is opened for: requests that stand alone, a handshake, or the handshake of the oldest servers. */
export type Opening = 'stateless' | 'handshake' | 'oldest'

/** What a channel is opened for, who may end that, and who hears of what happens to it. */
export interface OpenOptions {
  signal?: AbortSignal | undefined
  /** What the channel is for, where that makes a difference; else it serves for everything. Default `handshake`. */
  opening?: Opening | undefined
  /** Hears of what the transport had to leave out or put up with. */
  warn?: ((message: string) => void) | undefined
  /** Told when the conversation had to be opened anew, and the server has forgotten what it was told in the old one. */
  renewed?: (() => void) | undefined
  /** Told when notices of the server may have been missed. */
  missed?: (() => void) | undefined
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
  /** The ways to open it, where each has a channel of its own. Default: one channel serves for everything. */
  readonly openings?: readonly Opening[]
  /** Who is logged in, for what is kept per user; undefined where nobody is. */
  readonly principal?: string | undefined
  /**
   * The same for the request that is sent next, where that has to be asked for first; null where nobody can tell, so that
   * nothing is kept per user. Default: `principal`.
   */
  identify?: (() => MaybePromise<string | undefined | null>) | undefined
  /**
   * Starts a connection.
   * @throws {ServerStartError} when there is nothing to connect to
   * @throws the signal's reason
   */
  open(options?: OpenOptions): Promise<Channel>
}
