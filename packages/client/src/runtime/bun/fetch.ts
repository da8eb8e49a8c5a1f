import type { SendRequest } from '../fetch-types.ts'

/** A request that leaves at the end of this turn. */
interface Waiting {
  readonly url: string
  readonly init: RequestInit
  resolve(response: Promise<Response>): void
  reject(cause: unknown): void
}

let waiting: Waiting[] = []

/**
 * Requests of one turn leave together: each of them wakes the thread that sends them, which would take the processor from
 * the turn every time. One that is alone leaves at once.
 */
export const sendRequest: SendRequest = (url, init, isAlone) => {
  if (isAlone && waiting.length === 0) return fetch(url, init)
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(leave)
    waiting.push({ url, init, resolve, reject })
  })
}

function leave(): void {
  const leaving = waiting
  waiting = []
  for (const { url, init, resolve, reject } of leaving) {
    try {
      resolve(fetch(url, init))
    } catch (cause) {
      // it must not keep those behind it from leaving
      reject(cause)
    }
  }
}
