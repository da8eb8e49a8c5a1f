import { ConnectionError } from '@bao-mcp/protocol/engine'
import { liftedBy, maxOpenRequests } from '#runtime/open-requests'
import { endLingering, lingering } from './linger.ts'

/** How many requests of this library are open in this process: the runtime's limit is one for all of it. */
let open = 0

/**
 * Takes a place among the open requests until the returned function is called.
 * @throws {ConnectionError} `open_limit` where the runtime would let the request wait, silently and perhaps for ever
 */
export function takePlace(what: string, limit: number = maxOpenRequests): () => void {
  if (open + lingering() >= limit) endLingering()
  if (open >= limit) {
    const message = `${what} was not sent: ${open} requests are open, which is all this runtime sends at once; ${liftedBy} lifts that`
    throw new ConnectionError('open_limit', message, { outcome: 'not_run' })
  }
  open++
  let taken = true
  return () => {
    if (taken) open--
    taken = false
  }
}

export function openRequests(): number {
  return open
}
