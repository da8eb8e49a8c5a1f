import type { Clock } from '@bao-mcp/protocol/engine'

/** What a task says of itself, no oftener than anybody looks. */
export interface StatusWriter {
  say(message: string): void
  /** Nothing is written any more. @returns what was said last, where it was not written yet */
  end(): string | undefined
}

export interface StatusWriterOptions {
  readonly clock: Clock
  /** Milliseconds between two writes at least. */
  readonly everyMs: number
  write(message: string): Promise<unknown>
  /** Told of a write that failed; the words are lost, and the next ones are written. */
  failed(error: unknown): void
}

export function createStatusWriter({ clock, everyMs, write, failed }: StatusWriterOptions): StatusWriter {
  let latest: string | undefined
  let isResting = false
  let hasEnded = false
  let stopTimer: (() => void) | undefined

  function flush(): void {
    const message = latest
    if (message === undefined || isResting || hasEnded) return
    latest = undefined
    isResting = true
    stopTimer = clock.after(everyMs, () => {
      isResting = false
      flush()
    })
    write(message).catch(failed)
  }

  return {
    say(message) {
      latest = message
      flush()
    },
    end() {
      hasEnded = true
      stopTimer?.()
      return latest
    },
  }
}
