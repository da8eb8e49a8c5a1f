/**
 * What must be known to every process that serves the same definition. The default lives in one process; a deployment of
 * several gives them a shared one.
 */
export interface Hub {
  /** Keeps a text for a while. @param ttlMs milliseconds after which it may be forgotten */
  put(key: string, text: string, ttlMs: number): Promise<void>
  get(key: string): Promise<string | undefined>
  /**
   * True for the first claim of a key, false for every other within `ttlMs` milliseconds. Rejects rather than forget one
   * early.
   */
  claim(key: string, ttlMs: number): Promise<boolean>
}
