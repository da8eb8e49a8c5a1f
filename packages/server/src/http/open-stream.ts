import type { HttpCore } from './incoming.ts'
import { createSseStream, type SseStream } from './sse-stream.ts'

/**
 * Opens an event stream within the limits of its handler, which keeps it alive until it is taken out of `keepAlive`. That a
 * reader was given up is logged.
 * @param onGone told once when the reader is gone or was given up, and never after `end`
 */
export function openStream(core: HttpCore, onGone: (reason: string) => void): SseStream {
  const { limits, clock, keepAlive, serving } = core
  const stream = createSseStream({
    highWaterLength: limits.highWaterLength,
    maxOutboundLength: limits.maxOutboundLength,
    stalledReaderMs: limits.stalledReaderMs,
    clock,
    onGone(reason, givenUp) {
      if (givenUp) serving.log.warning(`an event stream was ended: ${reason}`)
      onGone(reason)
    },
  })
  keepAlive.add(stream)
  return stream
}
