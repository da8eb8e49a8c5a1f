import type { Stray } from '@bao-mcp/protocol/engine'
import type { Connection } from './connection.ts'

/** Counts the lines of a connection that are no messages, and tells of the first one. Returns what stops it. */
export function countNoise(
  { strayListeners, early }: Connection,
  on: { counted(): void; first(stray: Stray): void },
): () => void {
  let heard = 0
  const onStray = (stray: Stray): void => {
    if (stray.kind !== 'unreadable') return
    on.counted()
    if (heard++ === 0) on.first(stray)
  }
  strayListeners.add(onStray)
  early.forEach(onStray)
  return () => strayListeners.delete(onStray)
}
