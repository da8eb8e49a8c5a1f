import type { OutboundWay, Way } from '@bao-mcp/protocol/engine'
import { type HeaderMap, NO_HEADERS } from './headers.ts'

/** What every POST of a message says of itself and of the answers it takes. */
export const POST_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

/** Milliseconds a server may take to accept a message that has no answer. */
export const ACCEPTANCE_MS = 30_000

/** The headers a call was given of its own. */
export function ownHeaders(way: Way | undefined): HeaderMap {
  // proof: on this side of a channel a way holds the headers of its call
  return (way as OutboundWay | undefined)?.headers ?? NO_HEADERS
}
