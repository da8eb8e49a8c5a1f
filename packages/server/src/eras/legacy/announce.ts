import { type JsonObject, RESOURCE_UPDATED } from '@bao-mcp/protocol/engine'
import type { Server } from '../../server.ts'
import { LIST_CHANGED } from '../changes-notices.ts'
import type { ConversationMemory } from './memory.ts'

/** Tells the client of one conversation what changes, unasked. */
export interface Announcer {
  /** From now on it hears of changed lists, as far as it was told that there would be such notices. */
  announceLists(): void
  /** From now on it hears of the resources it subscribed to. */
  announceUpdates(): void
  end(): void
}

export function createAnnouncer(
  { changes, updates }: Server,
  memory: ConversationMemory,
  notify: (method: string, params?: JsonObject) => void,
): Announcer {
  let stopLists: (() => void) | undefined
  let stopUpdates: (() => void) | undefined
  return {
    announceLists() {
      stopLists ??= changes.subscribe((kind) => {
        if (memory.declared[kind]?.listChanged === true) notify(LIST_CHANGED[kind])
      })
    },
    announceUpdates() {
      stopUpdates ??= updates.subscribe(
        (uri) => {
          if (memory.uris.has(uri)) notify(RESOURCE_UPDATED, { uri })
        },
        () => {
          for (const uri of memory.uris) notify(RESOURCE_UPDATED, { uri })
        },
      )
    },
    end() {
      stopLists?.()
      stopUpdates?.()
    },
  }
}
