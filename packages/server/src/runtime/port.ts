/** A descriptor that protocol text is written to. */
export interface ByteSink {
  /**
   * Hands text to the operating system without ever blocking. Returns a promise when not all of it was taken; nothing more
   * may be written until it settles.
   * @throws {Error} at once or through the promise, with `code` (`EPIPE`), when nobody can take it any more
   */
  write(text: string): void | Promise<void>
}

/** Stdout while it belongs to the protocol. */
export interface StdoutGuard {
  /** The one way to the real stdout. */
  readonly sink: ByteSink
  /** Why prints that bypass JavaScript are not kept out; undefined where everything is. */
  readonly gap: string | undefined
  /** Gives stdout back as it was found; a guard that keeps it stays in place until the process ends. */
  release(): void
}

export interface GuardOptions {
  /** True when the process ends with the guard, so that nothing printed afterwards belongs on stdout either. */
  keeps: boolean
  /** Told once, of the first print from JavaScript: which function, and the stack below it, nearest frame first. */
  onStray(how: string, frames: readonly string[]): void
}

/** Signals that ask a server to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM'

/** What the lifecycle needs of the process it lives in. Functions that install something return its removal. */
export interface ProcessHost {
  onSignal(fn: (signal: EndSignal) => void): () => void
  onUncaught(fn: (error: unknown) => void): () => void
  onUnhandledRejection(fn: (reason: unknown) => void): () => void
  /** Keeps the process from ending by itself. */
  holdOpen(): () => void
  /** Ends the process at once. */
  exit(code: number): void
  /** Lets the process end by itself with this code, and ends it when it has not after `ms` milliseconds. */
  exitWithin(ms: number, code: number): void
  /** The parent's process id at this moment; 0 where there is none. */
  parentPid(): number
}

export interface StdinHandlers {
  chunk(bytes: Uint8Array): void
  /** Nothing more will come; `error` when reading failed. Called once, unless reading was stopped before. */
  end(error?: unknown): void
}

/** One open connection to a Redis server, which is not opened again when it is over. */
export interface RedisLink {
  /** Commands sent in one tick travel together, and are answered in order. */
  send(command: string, args: string[]): Promise<unknown>
  /** Once a link listens it takes no other command than `PING`. */
  subscribe(channel: string, heard: (text: string) => void): Promise<void>
  unsubscribe(channel: string): Promise<void>
  /** Rejects what waits for an answer. */
  close(): void
}

export interface RedisLinkOptions {
  /** Milliseconds that opening may take. */
  timeoutMs: number
  /** Told once that the link is over, whoever ended it. */
  ended(): void
}

export type OpenRedis = (url: string, options: RedisLinkOptions) => Promise<RedisLink>

/** A certificate and its key, in PEM. */
export interface TlsOptions {
  key: string | Uint8Array<ArrayBuffer>
  cert: string | Uint8Array<ArrayBuffer>
  ca?: string | Uint8Array<ArrayBuffer>
  passphrase?: string
}

/** Answers one HTTP request. */
export type AnswerRequest = (request: Request) => Response | Promise<Response>

export interface HttpListenOptions {
  /** 0 takes any that is free. */
  port: number
  hostname: string
  /** Longest body in bytes that still reaches `answer`, which refuses what is too long in its own words. */
  maxBodyBytes: number
  answer: AnswerRequest
  /** Told what `answer` threw and what failed below it; the client gets a bare 500. */
  onError(error: unknown): void
  /** Milliseconds a client that reads nothing of an answer is given, where the runtime leaves that to others. */
  stalledReaderMs: number
  /** Has `fn` told when the reader of a streamed response was given up, so that its connection is to be closed. */
  whenGivenUp(response: Response, fn: () => void): void
  tls?: TlsOptions
  /** Lets several processes listen on one port, where the system can. */
  reusePort?: boolean
}

/** A port that is listened on. */
export interface HttpListener {
  readonly port: number
  /** Accepts no more connections and lets go of idle ones; resolves when the last one is over. */
  stop(): Promise<void>
  /** Ends every connection that is left. */
  abort(): void
}
