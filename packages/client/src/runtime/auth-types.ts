/** One file of secrets, with locks beside it. */
export interface TokenFile {
  /** Undefined when there is none yet. */
  read(): Promise<string | undefined>
  /** Puts a whole new file, readable by its owner alone, in the place of the old one. */
  replace(text: string): Promise<void>
  /**
   * Waits until no living process holds the name.
   * @throws the signal's reason
   */
  lock(name: string, signal?: AbortSignal): Promise<AsyncDisposable>
}

/** What `#runtime/token-file` offers in every runtime. */
export interface TokenFileRuntime {
  /** @throws {Error} where there are no files */
  openTokenFile(path: string): TokenFile
}

export interface LoopbackOptions {
  /** An address or name of this machine. */
  hostname: string
  /** 0 lets the system choose. */
  port: number
  /** Answers a GET of a path with its query. Never rejects. */
  answer: (target: string) => LoopbackAnswer
}

export interface LoopbackAnswer {
  status: number
  /** A page without anything of the request in it. */
  html: string
}

/** A web server for this machine alone; disposing ends it. */
export interface Loopback extends AsyncDisposable {
  readonly port: number
}

/** What `#runtime/loopback` offers in every runtime. */
export interface LoopbackRuntime {
  /** @throws {Error} when nothing can listen there */
  listenOnLoopback(options: LoopbackOptions): Promise<Loopback>
}

/** What `#runtime/browser` offers in every runtime. */
export interface BrowserRuntime {
  /** Opens an http or https URL in the user's browser, without a shell; false when that is not possible. */
  openInBrowser(url: URL): Promise<boolean>
  /** Writes a line where a person at this machine may read it, and no program takes it for output. */
  printForPerson(text: string): void
}
