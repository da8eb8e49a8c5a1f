import type { ServerHandle } from '../handle.ts'
import type { AddOptions, SessionManager } from '../manager.ts'
import { ManagerError } from '../manager-error.ts'
import type { ServerConfig } from '../server-config.ts'

/** A server that came from a file. */
export interface OwnServer {
  readonly path: string
  readonly fingerprint: string
  /** Tells it from another server that was given its name since. */
  readonly handle: ServerHandle
}

/** Servers of a manager that came from files, by name: nobody else's is ever ended, or taken for one of them. */
export interface OwnServers {
  /** Those that are still there, of these files. */
  of(paths: ReadonlySet<string>): ReadonlyMap<string, OwnServer>
  /** Whether the manager has a server of this name, whoever's it is. */
  isThere(name: string): boolean
  /** Ends it, unless it is not the one of the name any more. */
  remove(name: string, server: OwnServer): Promise<void>
  /** @throws what the manager says when it will not have it: `name_taken`, `invalid_config` */
  add(name: string, config: ServerConfig, options: AddOptions, from: Omit<OwnServer, 'handle'>): Promise<void>
}

export function createOwnServers(manager: SessionManager): OwnServers {
  const own = new Map<string, OwnServer>()

  function handleOf(name: string): ServerHandle | undefined {
    try {
      return manager.get(name)
    } catch (error) {
      if (error instanceof ManagerError && error.code === 'unknown_server') return undefined
      throw error
    }
  }

  return {
    of(paths) {
      for (const [name, { handle }] of own) if (handleOf(name) !== handle) own.delete(name)
      return new Map([...own].filter(([, { path }]) => paths.has(path)))
    },
    isThere: (name) => handleOf(name) !== undefined,
    async remove(name, server) {
      if (own.get(name) === server) own.delete(name)
      if (handleOf(name) !== server.handle) return
      try {
        await manager.remove(name)
      } catch (error) {
        // somebody else was faster, and it is gone as it should be
        if (!(error instanceof ManagerError && error.code === 'unknown_server')) throw error
      }
    },
    async add(name, config, options, from) {
      const before = handleOf(name)
      const starting = manager.add(name, config, options)
      // how it starts is told by its state and by ready(); only a refusal is waited for below
      starting.catch(ignore)
      const handle = handleOf(name)
      // one that was there before is somebody else's, whatever is said of this one
      if (handle !== undefined && before === undefined) own.set(name, { ...from, handle })
      else {
        await starting
        own.set(name, { ...from, handle: manager.get(name) })
      }
    },
  }
}

function ignore(): void {}
