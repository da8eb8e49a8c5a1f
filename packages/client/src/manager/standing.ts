import type { Change } from '../changes.ts'
import type { Client } from '../client.ts'
import { guarded } from '../listeners.ts'
import type { SubscribeOptions, Subscription } from '../subscriptions.ts'
import type { Wanted } from '../wanted.ts'

/** Subscriptions to one server that outlive its connections. */
export interface Standing {
  /** As the client's `listen`; on a new connection everything that was wanted is told once as missed. */
  listen(
    client: Client,
    wanted: Partial<Wanted>,
    handler: (change: Change) => void,
    options?: SubscribeOptions,
  ): Promise<Subscription>
  /** There is a new connection. */
  opened(client: Client): void
  /** Subscriptions that stand. */
  readonly size: number
}

interface Stand {
  readonly wanted: Partial<Wanted>
  tell(change: Change): void
  current: Subscription | undefined
}

/**
 * @param hold marks the server as in use
 * @param warn hears that a subscription could not be taken up again
 */
export function createStanding(hold: () => () => void, warn: (error: unknown) => void): Standing {
  const stands = new Set<Stand>()

  async function takeUp(stand: Stand, client: Client): Promise<void> {
    try {
      const subscription = await client.listen(stand.wanted, stand.tell)
      if (!stands.has(stand)) return await subscription.stop()
      stand.current = subscription
      tellMissed(stand)
    } catch (error) {
      if (stands.has(stand)) warn(error)
    }
  }

  return {
    get size() {
      return stands.size
    },
    async listen(client, wanted, handler, options) {
      const stand: Stand = { wanted, tell: guarded(handler), current: undefined }
      const letGo = hold()
      try {
        stand.current = await client.listen(wanted, stand.tell, options)
      } catch (error) {
        letGo()
        throw error
      }
      stands.add(stand)
      const { honoured } = stand.current
      const stop = async (): Promise<void> => {
        if (!stands.delete(stand)) return
        letGo()
        await stand.current?.stop()
      }
      return { honoured, stop, [Symbol.asyncDispose]: stop }
    },
    opened(client) {
      // each of them warns by itself
      for (const stand of stands) void takeUp(stand, client)
    },
  }
}

function tellMissed({ wanted, tell }: Stand): void {
  for (const kind of ['tools', 'prompts', 'resources'] as const) if (wanted[kind] === true) tell({ kind, missed: true })
  for (const uri of wanted.uris ?? []) tell({ kind: 'resource', uri, missed: true })
}
