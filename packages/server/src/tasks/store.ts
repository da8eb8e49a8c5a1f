/** One task as it is kept. What it is about is in `state`; the rest is what a store has to know of it. */
export interface TaskRecord {
  readonly id: string
  /** The process that runs it, by the name its store gave it. */
  readonly owner: string
  /** Whose it is; undefined where requests are not authenticated. */
  readonly principal: string | undefined
  /** 1 at first, and one more with each write. */
  readonly revision: number
  /** Whether its status is final, so that nothing may be written over it any more. */
  readonly final: boolean
  /** Wall-clock milliseconds. */
  readonly expiresAt: number
  /** A JSON text. */
  readonly state: string
}

/** How many tasks may be kept at once, finished ones included. */
export interface TaskRoom {
  readonly maxTasks: number
  /** Of one principal; tasks of nobody in particular are bounded by `maxTasks` alone. */
  readonly maxTasksPerPrincipal: number
}

/**
 * Where tasks are kept. What its methods resolve with must have happened: a task that was created is found by whatever
 * asks next, in any process on the same store.
 */
export interface TaskStore extends AsyncDisposable {
  /** What this process is called in records. No two processes, and no two lives of one, share a name. */
  readonly owner: string
  /** @returns the name of the limit that leaves no room for it; undefined when it was created */
  create(record: TaskRecord, room: TaskRoom): Promise<string | undefined>
  read(id: string): Promise<TaskRecord | undefined>
  /** Replaces a record whose revision is the one before, and which is not final. False, with nothing written, for any other. */
  write(record: TaskRecord): Promise<boolean>
  /** The tasks of one process that are not final. */
  unfinished(owner: string): Promise<readonly TaskRecord[]>
  /** The processes that have tasks which are not final. */
  owners(): Promise<readonly string[]>
  /** False only when a process cannot go on with its tasks any more. */
  isAlive(owner: string): Promise<boolean>
  /** Removes what has expired at a time in wall-clock milliseconds. */
  removeExpired(now: number): Promise<void>
  /** Whether another process may have written since this was asked last. Absent where none can. */
  changedElsewhere?(): Promise<boolean>
}
