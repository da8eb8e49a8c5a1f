import type { Clock } from '@bao-mcp/protocol/engine'
import type { SseStream } from './sse-stream.ts'

/** Keeps the open streams of one handler alive, behind one timer that runs while there are any. */
export interface KeepAlive {
  add(stream: SseStream): void
  remove(stream: SseStream): void
  readonly size: number
}

/** @param keepAliveMs the longest silence of a stream */
export function createKeepAlive(clock: Clock, keepAliveMs: number): KeepAlive {
  // a stream that fell silent just after a beat is kept alive by the one after next
  const beatMs = keepAliveMs / 2
  const streams = new Set<SseStream>()
  let stopTimer: (() => void) | undefined

  function beat(): void {
    stopTimer = undefined
    for (const stream of streams) stream.keepAlive()
    if (streams.size > 0) stopTimer = clock.after(beatMs, beat)
  }

  return {
    add(stream) {
      streams.add(stream)
      stopTimer ??= clock.after(beatMs, beat)
    },
    remove(stream) {
      streams.delete(stream)
      if (streams.size > 0) return
      stopTimer?.()
      stopTimer = undefined
    },
    get size() {
      return streams.size
    },
  }
}
