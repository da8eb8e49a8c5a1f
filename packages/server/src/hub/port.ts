/**
 * What must be known to every process that serves the same definition. The default lives in one process; a deployment of
 * several gives them a shared one. Names of texts, claims, records, logs, topics and nodes are apart from each other; texts
 * are well-formed Unicode of any length a limit allows, and times are milliseconds.
 *
 * A call that waits for a shared hub rejects with {@link HubError} when that is out of reach, always within a limit.
 */
export interface Hub extends AsyncDisposable {
  /** Keeps a text for a while. */
  put(key: string, text: string, ttlMs: number): Promise<void>
  get(key: string): Promise<string | undefined>
  /** True for the first claim of a key, false for every other within its time. Rejects rather than forget one early. */
  claim(key: string, ttlMs: number): Promise<boolean>
  /** The text that all nodes agree on, which is the first one given; kept for good. */
  agree(key: string, text: string): Promise<string>

  /**
   * Makes a record, in place of any of that name: a small map of fields, which several nodes write one field at a time.
   * @throws {RpcError} -31999 when there is no room for it, because a record is never forgotten early
   */
  create(record: string, fields: Readonly<Record<string, string>>, ttlMs: number): Promise<void>
  /**
   * Writes some fields at once and renews the record's time; `undefined` removes a field. False, with nothing written,
   * when the record is gone.
   * @throws {RpcError} -31999 when there is no room for it
   */
  update(record: string, fields: Readonly<Record<string, string | undefined>>, ttlMs: number): Promise<boolean>
  read(record: string): Promise<Record<string, string> | undefined>
  /** False when it was gone already. */
  remove(record: string): Promise<boolean>

  /**
   * Adds an entry at the end of a log, whose first one makes it, and renews the log's time. Returns the entry's position:
   * up to 40 letters, digits and dashes. Of two positions in one log the greater string is the later one, and no position
   * comes again after the log was dropped.
   */
  append(log: string, text: string, options: AppendOptions): Promise<string>
  /** Whether the entry at a position is still kept. False for whatever is no position. */
  has(log: string, position: string): Promise<boolean>
  /**
   * Tells of the entries after a position, first those that are kept and then whatever any node appends, each once and in
   * order, until the returned function is called. `''` starts with the oldest that is kept, `undefined` with the first that
   * comes from now on. Whether something between `after` and the oldest is no longer kept, `has` tells.
   * @throws {RpcError} -32602 when `after` is no position
   */
  follow(log: string, after: string | undefined, follower: Follower): Promise<() => void>
  /** Forgets the entries. Who follows the log hears what is appended later. */
  drop(log: string): Promise<void>

  /** Tells whoever listens at this moment, on any node. An interruption, even one that is healed, may lose it. */
  publish(topic: string, text: string): Promise<void>
  /**
   * Listens until the returned function is called.
   * @param lost told once, when a shared hub is out of reach for too long; nothing comes after it
   */
  listen(topic: string, heard: (text: string) => void, lost?: (error: Error) => void): Promise<() => void>

  /**
   * Makes a node known as alive until the returned function is called, or for at most `ttlMs` after its process has died.
   * A node that may join once more takes a name of its own each time. Closing the hub is no leaving: who ends in good order
   * leaves first.
   */
  join(node: string, ttlMs: number): Promise<() => Promise<void>>
  isAlive(node: string): Promise<boolean>

  /** Lets go of everything this hub holds here. Nothing is told any more, and every call rejects. */
  close(): Promise<void>
}

/** How long a log of the hub is kept, and how much of it. */
export interface AppendOptions {
  /** Milliseconds after which the whole log may be forgotten, unless something is appended. */
  ttlMs: number
  /** Entries kept, the latest ones. Default 10,000. */
  maxEntries?: number
}

/** Who follows a log. What its functions throw is an unhandled rejection: the fault is theirs alone. */
export interface Follower {
  entry(position: string, text: string): void
  /** Told once when entries may be missing, because a shared hub was out of reach for too long. Nothing comes after it. */
  lost(error: Error): void
}

export const DEFAULT_MAX_LOG_ENTRIES = 10_000
