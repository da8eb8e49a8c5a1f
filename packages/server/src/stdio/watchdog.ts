import type { Clock } from '@bao-mcp/protocol/engine'

export interface WatchdogOptions {
  /** The parent's process id at this moment; 1 or 0 where there is none. */
  parentPid(): number
  pollMs: number
  clock: Clock
  /** Told once. */
  onParentGone(parent: number): void
}

/**
 * Watches for the parent's death, which the end of stdin does not tell while another process holds the pipe open. Does
 * nothing where there was no parent to begin with. Returns a function that stops it.
 */
export function watchParent({ parentPid, pollMs, clock, onParentGone }: WatchdogOptions): () => void {
  const parent = parentPid()
  if (parent <= 1) return () => undefined
  let stop = clock.after(pollMs, look)

  function look(): void {
    if (parentPid() !== parent) return onParentGone(parent)
    stop = clock.after(pollMs, look)
  }

  return () => stop()
}
