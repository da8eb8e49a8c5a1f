export const STDERR_TAIL_LINES = 50
export const STDERR_TAIL_LENGTH: number = 32 * 1024
/** A longer line is cut; measured in UTF-16 units. */
export const STDERR_LINE_LENGTH = 2048

/** The last lines of a server's stderr, fit to be shown: no escape sequences, no control characters, no empty lines. */
export interface StderrTail {
  push(bytes: Uint8Array): void
  /** The pipe is over: what is left without a newline is the last line. */
  end(): void
  /** Oldest first; at most 50 lines and 32 Ki UTF-16 units in all. */
  lines(): readonly string[]
}

/** `onLine` gets every line, not only the last ones. It may throw; that does not stop the reading. */
export function createStderrTail(onLine?: (line: string) => void): StderrTail {
  const decoder = new TextDecoder()
  let held: string[] = []
  let heldLength = 0
  /** A line whose end has not come; no more than can be kept of it. */
  let open = ''

  function take(text: string): void {
    let start = 0
    for (let i = text.search(LINE_END); i !== -1; i = start + next) {
      keep(open + text.slice(start, i))
      open = ''
      start = i + 1
      const next = text.slice(start).search(LINE_END)
      if (next === -1) break
    }
    open = (open + text.slice(start)).slice(0, RAW_LENGTH)
  }
}
