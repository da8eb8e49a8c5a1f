import { atLeast } from '../at-least.ts'
import type { TaskRecord, TaskStore } from './store.ts'

/** UTF-16 units of all states together past which no task is created. */
export const DEFAULT_MAX_STORED_LENGTH: number = 256 * 1024 * 1024

/** How much is kept in memory. */
export interface MemoryTaskOptions {
  /** UTF-16 units of what is kept, together; past it no task is created. Default 256 Mi. */
  maxStoredLength?: number
}

/**
 * Keeps tasks for as long as the process lives. Nothing is left of them after it.
 * @throws {TypeError} for a limit under which nothing could be kept
 */
export function memoryTasks({ maxStoredLength = DEFAULT_MAX_STORED_LENGTH }: MemoryTaskOptions = {}): TaskStore {
  atLeast(1, 'maxStoredLength', maxStoredLength)
  const owner = crypto.randomUUID()
  const records = new Map<string, TaskRecord>()
  const perPrincipal = new Map<string, number>()
  let storedLength = 0
  /** Nothing expires before this. */
  let nextExpiry = Number.POSITIVE_INFINITY

  function count(principal: string | undefined, by: 1 | -1): void {
    if (principal === undefined) return
    const now = (perPrincipal.get(principal) ?? 0) + by
    if (now === 0) perPrincipal.delete(principal)
    else perPrincipal.set(principal, now)
  }

  const unfinished = (): TaskRecord[] => [...records.values()].filter(({ final }) => !final)

  return {
    owner,
    async create(record, { maxTasks, maxTasksPerPrincipal }) {
      const { id, principal } = record
      if (records.size >= maxTasks) return 'maxTasks'
      if (principal !== undefined && (perPrincipal.get(principal) ?? 0) >= maxTasksPerPrincipal) {
        return 'maxTasksPerPrincipal'
      }
      if (storedLength + record.state.length > maxStoredLength) return 'maxStoredLength'
      if (records.has(id)) throw new TypeError(`there is a task ${JSON.stringify(id)} already`)
      records.set(id, record)
      count(principal, 1)
      storedLength += record.state.length
      nextExpiry = Math.min(nextExpiry, record.expiresAt)
      return undefined
    },
    read: async (id) => records.get(id),
    async write(record) {
      const known = records.get(record.id)
      if (known === undefined || known.final || known.revision !== record.revision - 1) return false
      records.set(record.id, record)
      storedLength += record.state.length - known.state.length
      return true
    },
    unfinished: async (name) => unfinished().filter((record) => record.owner === name),
    owners: async () => [...new Set(unfinished().map((record) => record.owner))],
    // whatever it holds was put there by the process it lives in
    isAlive: async () => true,
    async removeExpired(now) {
      if (now < nextExpiry) return
      nextExpiry = Number.POSITIVE_INFINITY
      for (const { id, principal, expiresAt, state } of records.values()) {
        if (expiresAt > now) {
          nextExpiry = Math.min(nextExpiry, expiresAt)
          continue
        }
        records.delete(id)
        count(principal, -1)
        storedLength -= state.length
      }
    },
    async [Symbol.asyncDispose]() {
      records.clear()
      perPrincipal.clear()
      storedLength = 0
    },
  }
}
