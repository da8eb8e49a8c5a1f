import type { Cores } from '../cores.ts'
import type { JobOptions } from '../job.ts'

/** What every section is given. */
export interface SectionContext {
  /** A short run: fewer rounds and calls. */
  readonly quick: boolean
  /** The options that keep a job on one core, where that is possible. */
  readonly oneCore: JobOptions
  /** Where a server and its load run, so that neither takes time from the other. */
  readonly cores: Cores
  readonly progress: (text: string) => void
  /** Says in the report that something was left out, and why. */
  readonly skipped: (text: string) => void
}

/** The script that measures one stdio server; its argument is a `ServerJob`. */
export const SERVER_DRIVER = `${import.meta.dir}/../drive-server.ts`

/** The script that measures one HTTP server; its argument is an `HttpJob`. */
export const HTTP_DRIVER = `${import.meta.dir}/../drive-http.ts`
