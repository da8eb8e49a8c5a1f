import type { Server } from '../server.ts'
import { type Namespace, type ServedFile, sameBytes } from './namespace.ts'

/** The servers whose resources hold the files of skills. */
export interface Attached {
  /** @throws {TypeError} when a URI is taken there */
  add(server: Server, files: Namespace['files']): void
  /**
   * Puts other files into the place of those that are there, in all of them or in none; what is the same stays.
   * @throws {TypeError} naming a URI that is taken by something else
   */
  change(before: Namespace['files'], after: Namespace['files']): void
}

export function createAttached(): Attached {
  const servers = new Set<Server>()

  return {
    add(server, files) {
      server.resources.add(...[...files.values()].map((file) => file.resource))
      servers.add(server)
    },
    change(before, after) {
      const added = [...after].filter(([uri]) => !before.has(uri))
      for (const { resources } of servers) {
        const taken = added.find(([uri]) => resources.has(uri))
        if (taken !== undefined) throw new TypeError(`there already is a resource ${JSON.stringify(taken[0])}`)
      }
      for (const { resources } of servers) {
        for (const uri of before.keys()) if (!after.has(uri)) resources.remove(uri)
        for (const [uri, file] of after) {
          const old = before.get(uri)
          // what the server's own code has removed stays removed
          if (old === undefined || isSame(old, file) || !resources.has(uri)) continue
          resources.replace(uri, file.resource)
          resources.updated(uri)
        }
        resources.add(...added.map(([, file]) => file.resource))
      }
    },
  }
}

function isSame(a: ServedFile, b: ServedFile): boolean {
  return sameBytes(a.bytes, b.bytes) && JSON.stringify(a.resource.listed) === JSON.stringify(b.resource.listed)
}
