import type { Client } from '../client.ts'
import type { Connection } from './connection.ts'
import type { CallQueue } from './queue.ts'
import { untilAborted } from './until-aborted.ts'

/** A part of one connection. */
export interface Lease {
  readonly connection: Connection
  /** Gives it back; the last one to do so closes the connection, and waits until nothing is left of it. */
  release(): Promise<void>
  /** Closes the connection under everybody who has a part of it, because it is no good. */
  discard(): Promise<void>
}

/** The place of one server: its queue, and its connection as long as anybody needs it. */
export interface Slot {
  readonly queue: CallQueue
  /** Parts that were handed out and not given back, pending ones included. */
  readonly leases: number
  /**
   * A part of the connection that stands, of the attempt that is under way, or of a new one.
   * @throws what opening threw
   * @throws the signal's reason, once nothing is left of an attempt that nobody else waits for
   */
  lease(open: (signal: AbortSignal) => Promise<Connection>, signal: AbortSignal): Promise<Lease>
  /** Says that this owner is gone. */
  leave(): void
}

/** Places that several managers may share: where their configurations and logins are the same, they share a connection. */
export interface ServerPool {
  /** Servers that anybody owns. */
  readonly size: number
  /** @param key undefined for a place of its own */
  slot(key: string | undefined, createQueue: () => CallQueue): Slot
}

const discarded = new WeakSet<Client>()

/** Whether a connection was closed by this side because it was no good, not because somebody wanted it to end. */
export function wasDiscarded(client: Client): boolean {
  return discarded.has(client)
}

interface Shared {
  holders: number
  readonly controller: AbortController
  readonly opening: Promise<Connection>
}

/**
 * Lets managers share servers: give the same pool to each of them. The last one that lets go of a server ends it.
 * @see createSessionManager
 */
export function createServerPool(): ServerPool {
  const slots = new Map<string, { slot: Omit<Slot, 'leave'>; owners: number }>()
  return {
    get size() {
      return slots.size
    },
    slot(key, createQueue) {
      if (key === undefined) return Object.assign(createSlot(createQueue()), { leave() {} })
      const known = slots.get(key) ?? { slot: createSlot(createQueue()), owners: 0 }
      slots.set(key, known)
      known.owners++
      let isOwner = true
      const { slot } = known
      return {
        queue: slot.queue,
        get leases() {
          return slot.leases
        },
        lease: slot.lease,
        leave() {
          if (!isOwner) return
          isOwner = false
          if (--known.owners === 0) slots.delete(key)
        },
      }
    },
  }
}

function createSlot(queue: CallQueue): Omit<Slot, 'leave'> {
  let current: Shared | undefined

  function start(open: (signal: AbortSignal) => Promise<Connection>): Shared {
    const controller = new AbortController()
    const shared: Shared = { holders: 0, controller, opening: open(controller.signal) }
    const forget = (): void => {
      if (current === shared) current = undefined
    }
    // who leases it is told why it failed
    shared.opening.then(({ client }) => client.closed.then(forget), forget)
    current = shared
    return shared
  }

  async function close(shared: Shared, reason: unknown): Promise<void> {
    if (current === shared) current = undefined
    shared.controller.abort(reason)
    // an attempt that failed has left nothing behind
    const connection = await shared.opening.catch(() => undefined)
    await connection?.client.close()
  }

  return {
    queue,
    get leases() {
      return current?.holders ?? 0
    },
    async lease(open, signal) {
      signal.throwIfAborted()
      const shared = current ?? start(open)
      shared.holders++
      let isHeld = true
      const release = async (): Promise<void> => {
        if (!isHeld) return
        isHeld = false
        if (--shared.holders === 0) await close(shared, signal.reason)
      }
      try {
        const connection = await untilAborted(shared.opening, signal)
        const discard = (): Promise<void> => {
          discarded.add(connection.client)
          return close(shared, undefined)
        }
        return { connection, release, discard }
      } catch (error) {
        await release()
        throw error
      }
    },
  }
}
