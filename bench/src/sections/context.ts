import type { JobOptions } from '../job.ts'

/** What every section is given. */
export interface SectionContext {
  /** A short run: fewer rounds and calls. */
  readonly quick: boolean
  /** The options that keep a job on one core, where that is possible. */
  readonly oneCore: JobOptions
  readonly progress: (text: string) => void
}

/** The script that measures one server; its argument is a `ServerJob`. */
export const SERVER_DRIVER = `${import.meta.dir}/../drive-server.ts`
