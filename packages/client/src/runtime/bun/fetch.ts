import type { Departure } from '../fetch-types.ts'

let next: Promise<void> | undefined

/**
 * Requests of one turn leave together, in their order: each of them wakes the thread that sends them, which would take the
 * processor from the turn every time. One that is alone leaves at once.
 */
export const departure: Departure = (isAlone) => {
  if (isAlone && next === undefined) return undefined
  next ??= new Promise((leave) => {
    setImmediate(() => {
      next = undefined
      leave()
    })
  })
  return next
}

/** Whether the end of a body is told to `reader.closed` though nobody reads on. */
export const tellsEndUnread = true
