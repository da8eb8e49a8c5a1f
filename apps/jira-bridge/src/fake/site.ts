import type { Database } from 'bun:sqlite'
import type { SearchIndex } from './search-index.ts'

/** What every operation works on. */
export interface Site {
  readonly db: Database
  readonly index: SearchIndex
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Address of the site, without a slash at the end. */
  readonly baseUrl: string
  /** Longest description or comment in characters of text. */
  readonly textLimit: number
}
