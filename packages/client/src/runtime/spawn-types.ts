/** What to start. The environment is complete: nothing is added to it. */
export interface SpawnRequest {
  command: string
  args: readonly string[]
  /** Default: where this process runs. */
  cwd: string | undefined
  env: Readonly<Record<string, string>>
}

/** How a process ended: one of the two is set. */
export interface ChildExit {
  exitCode: number | null
  /** Name of the signal that ended it, such as `SIGKILL`. */
  signal: string | null
}

/** Where the bytes of one output pipe go. */
export interface ByteSink {
  /** Bytes that nobody changes afterwards. */
  chunk(bytes: Uint8Array): void
  /** The pipe is closed, or is no longer read. */
  end(): void
}

/** One running child with three pipes, leader of a process group of its own. */
export interface Child {
  readonly pid: number
  /** Resolves when the child is dead, whoever still holds its pipes; never rejects. */
  readonly exited: Promise<ChildExit>
  /**
   * Writes to stdin without delay. Nothing is returned when all of it has left; a promise resolves when it has, and
   * rejects when the pipe is broken. Never throws.
   */
  write(text: string): void | Promise<unknown>
  /** Closes stdin. What was written and has not left may be lost. */
  endStdin(): void
  /** Starts reading; until then the pipe holds what arrives. May be called once. */
  readStdout(sink: ByteSink): void
  /** Starts reading; may be called once. */
  readStderr(sink: ByteSink): void
  /** Lets go of the three pipes, so that a foreign process that still holds one does not keep this process alive. */
  release(): void
  /** Sends a signal to every process of the group; does nothing when none is left. */
  signalGroup(signal: GroupSignal): void
  /** Whether any process of the group is alive; one that is dead and not yet reaped is not. */
  groupAlive(): boolean
}

export type GroupSignal = 'SIGTERM' | 'SIGKILL'

/** What `#runtime/spawn` offers in every runtime. */
export interface SpawnRuntime {
  /** True on Windows, where variables have no case and there are no process groups. */
  readonly windows: boolean
  /** @throws {Error} a sentence that says what is missing, with the runtime's own error as `cause` */
  spawnChild(request: SpawnRequest): Promise<Child>
  parentEnvironment(): Readonly<Record<string, string | undefined>>
  /** Writes to this process's own stderr. */
  writeStderr(bytes: Uint8Array): void
}
