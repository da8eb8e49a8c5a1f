/** What the store needs of a database that is a file. All of it is synchronous. */
export interface SqlFile {
  exec(sql: string): void
  /** @returns how many rows it changed */
  run(sql: string, ...values: readonly SqlValue[]): number
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[]
  close(): void
}

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, unknown>>

/** How a process can be found again by others. */
export interface ProcessMark {
  /** The machine, and the part of it in which process ids mean the same; an empty text where nothing can be said. */
  readonly machine: string
  readonly pid: number
  /** When it began, in whatever the machine counts; an empty text where that cannot be known. */
  readonly started: string
}

/** What a store in a file needs of the runtime. */
export interface TaskFiles {
  /**
   * Opens the file, or makes it, for its owner's eyes only.
   * @throws {TypeError} where the runtime has no SQLite
   */
  open(path: string): SqlFile
  /** Whether a statement failed because another connection writes just now. */
  isLocked(error: unknown): boolean
  readonly self: ProcessMark
  /** Whether a process of this machine still runs; undefined when that cannot be told. */
  isRunning(mark: ProcessMark): boolean | undefined
}
