import type { ServerCapabilities } from '@bao-mcp/protocol'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { ClientSide } from '../session.ts'
import { commonWanted, type Honoured, NOTHING, type Wanted } from '../wanted.ts'
import { offeredOf } from './filter.ts'

/** What a conversation with a memory is told of: changes of lists without asking, updates of resources one by one. */
export interface Subscriber {
  /** See `listen` of {@link Session}. */
  want(wanted: Wanted): Promise<Honoured>
  /** The server has forgotten all of it. */
  renew(): Promise<void>
}

/** @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions */
export function createSubscriber(
  request: (method: string, params: JsonObject) => Promise<JsonObject>,
  side: Pick<ClientSide, 'stray'>,
  capabilities: ServerCapabilities,
): Subscriber {
  const offered = offeredOf(capabilities)
  const subscribed = new Set<string>()
  let wanted = NOTHING
  // one change after the other, so that the last word to the server is the last wish
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = turn.then(act)
    // whoever waits for it is told
    turn = next.catch(() => undefined)
    return next
  }

  async function adjust(next: Wanted): Promise<Honoured> {
    const uris = new Set(offered.updates ? next.uris : [])
    const refused = new Map<string, Error>()
    const gone = [...subscribed].filter((uri) => !uris.has(uri))
    const fresh = [...uris].filter((uri) => !subscribed.has(uri))
    for (const uri of gone) subscribed.delete(uri)
    await Promise.all([
      ...gone.map((uri) => request('resources/unsubscribe', { uri }).catch((error: unknown) => report(uri, error))),
      ...fresh.map((uri) =>
        request('resources/subscribe', { uri }).then(
          () => void subscribed.add(uri),
          (error: unknown) => void refused.set(uri, error instanceof Error ? error : new TypeError(String(error))),
        ),
      ),
    ])
    const lists = commonWanted(next, { ...offered, uris: [] })
    return { ...lists, uris: next.uris.filter((uri) => subscribed.has(uri)), refused }
  }

  function report(uri: string, error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    side.stray({ kind: 'invalid', message: `subscription to ${uri}: ${words}` })
  }

  return {
    want(next) {
      wanted = next
      return inTurn(() => adjust(next))
    },
    renew: () =>
      inTurn(async () => {
        subscribed.clear()
        const { refused } = await adjust(wanted)
        for (const [uri, error] of refused ?? []) report(uri, error)
      }),
  }
}
