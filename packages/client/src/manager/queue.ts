import { type Clock, createDeadlines, type Deadline } from '@bao-mcp/protocol/engine'
import { ManagerError } from './manager-error.ts'

/** Lets a bounded number of calls run at a time, and a bounded number wait for their turn. */
export interface CallQueue {
  readonly inFlight: number
  readonly waiting: number
  /**
   * Runs `act` as soon as there is room, first come first served, and settles as it does.
   * @throws {ManagerError} `queue_full` at once, `queue_timeout` after waiting; `act` was not run then
   * @throws the signal's reason while it waits
   */
  run<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export interface QueueLimits {
  readonly maxInFlight: number
  readonly maxQueued: number
  readonly queueTimeoutMs: number
}

interface Waiting extends Deadline {
  go(): void
}

export function createQueue(server: string, limits: QueueLimits, clock: Clock): CallQueue {
  const { maxInFlight, maxQueued, queueTimeoutMs } = limits
  const deadlines = createDeadlines(clock)
  // in the order of arrival
  const waiting = new Set<Waiting>()
  let inFlight = 0

  function turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: unknown): void => {
        waiting.delete(one)
        deadlines.remove(one)
        signal?.removeEventListener('abort', onAbort)
        reject(error)
      }
      const onAbort = (): void => leave(signal?.reason)
      const one: Waiting = {
        dueAt: clock.now() + queueTimeoutMs,
        heapIndex: -1,
        expire: () => leave(late()),
        go() {
          waiting.delete(one)
          deadlines.remove(one)
          signal?.removeEventListener('abort', onAbort)
          inFlight++
          resolve()
        },
      }
      waiting.add(one)
      deadlines.add(one)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  function late(): ManagerError {
    const facts = `${maxInFlight} others were running (maxInFlight)`
    const message = `no turn for a call of ${server} within ${queueTimeoutMs} ms (queueTimeoutMs): ${facts}; it was not sent`
    return new ManagerError('queue_timeout', message, { server })
  }

  async function occupied<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } finally {
      inFlight--
      const [next] = waiting
      next?.go()
    }
  }

  return {
    get inFlight() {
      return inFlight
    },
    get waiting() {
      return waiting.size
    },
    async run(act, signal) {
      signal?.throwIfAborted()
      if (inFlight < maxInFlight) inFlight++
      else if (waiting.size < maxQueued) await turn(signal)
      else {
        const facts = `${inFlight} calls run and ${waiting.size} wait (maxQueued)`
        throw new ManagerError('queue_full', `${server} is busy: ${facts}; the call was not sent`, { server })
      }
      return occupied(act)
    },
  }
}
