/** Where the two ends of a measurement over HTTP run; absent where there is no choice. */
export interface Cores {
  readonly server?: number
  readonly load?: number
}

/** A command kept on one core. Unchanged without a core, and where `taskset` is missing. */
export function pinned(command: readonly string[], core: number | undefined): string[] {
  return core === undefined || !Bun.which('taskset') ? [...command] : ['taskset', '-c', String(core), ...command]
}
