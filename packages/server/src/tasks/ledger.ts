import { type Clock, INTERNAL_ERROR } from '@bao-mcp/protocol/engine'
import type { TaskRecord, TaskStore } from './store.ts'
import { failed, nextRecord, OWNER_ENDED, stateOf, type TaskState } from './task-state.ts'

/** How often it is looked whether another process has changed a task that somebody here waits for, in milliseconds. */
export const WATCH_MS = 500

/** How often somebody else may be faster before a change is given up. */
const MAX_TRIES = 100

/** A task as it was at one moment. */
export interface Entry {
  readonly record: TaskRecord
  readonly task: TaskState
  /** Whether it runs in this process. */
  readonly isHere: boolean
}

/** Somebody who wants to know how a task goes on. */
export interface TaskListener {
  /** Told after every change, wherever it was made. The same state may be told twice. */
  heard(entry: Entry): void
  readonly clock: Clock
  /** Whether the task runs in this process. Of one that does not, it has to be noticed when its process is gone. */
  readonly here: boolean
}

/** The tasks of a store, with who listens to them in this process. */
export interface Ledger {
  /** Undefined for a task that is unknown or has expired. One whose process is gone has failed. */
  read(id: string): Promise<Entry | undefined>
  /**
   * Changes a task unless it is final, in one step whoever else wants to change it.
   * @param edit undefined leaves it as it is; may run more than once
   * @returns the task as it is now; undefined when it is gone
   */
  change(id: string, edit: (task: TaskState) => TaskState | undefined): Promise<TaskState | undefined>
  /** Listens until the returned function is called. */
  listen(id: string, listener: TaskListener): () => void
}

/** @param now wall-clock milliseconds, which all processes on the store share */
export function createLedger(store: TaskStore, now: () => number): Ledger {
  const listeners = new Map<string, Set<TaskListener>>()
  let watching = false
  // what dead processes left is failed at once, and each use of the ledger waits for that
  let opened: Promise<void> | undefined
  open().catch(() => undefined)

  function open(): Promise<void> {
    opened ??= failAbandoned().catch((error: unknown) => {
      // the next use tries again, and its caller learns of it
      opened = undefined
      throw error
    })
    return opened
  }

  async function failAbandoned(): Promise<void> {
    for (const owner of await store.owners()) {
      if (owner === store.owner || (await store.isAlive(owner))) continue
      for (const { id } of await store.unfinished(owner)) await edit(id, ownerEnded)
    }
  }

  async function edit(id: string, by: (task: TaskState) => TaskState | undefined): Promise<TaskState | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const record = await store.read(id)
      if (record === undefined || record.expiresAt <= now()) return undefined
      const task = stateOf(record)
      const edited = record.final ? undefined : by(task)
      if (edited === undefined) return task
      const written = nextRecord(record, edited, now())
      // false when somebody was faster: then it is theirs that is edited, or final
      if (!(await store.write(written))) continue
      const entry = entryOf(written)
      announce(entry)
      return entry.task
    }
    throw new Error(`task ${id} cannot be written: it was changed by somebody else ${MAX_TRIES} times in a row`)
  }

  async function read(id: string): Promise<Entry | undefined> {
    const record = await store.read(id)
    if (record === undefined || record.expiresAt <= now()) return undefined
    if (record.final || record.owner === store.owner || (await store.isAlive(record.owner))) {
      return entryOf(record)
    }
    await edit(id, ownerEnded)
    const after = await store.read(id)
    return after === undefined ? undefined : entryOf(after)
  }

  function entryOf(record: TaskRecord): Entry {
    return { record, task: stateOf(record), isHere: record.owner === store.owner }
  }

  function announce(entry: Entry): void {
    for (const listener of [...(listeners.get(entry.record.id) ?? [])]) listener.heard(entry)
  }

  function watch(clock: Clock): void {
    if (watching || listeners.size === 0 || store.changedElsewhere === undefined) return
    watching = true
    clock.after(WATCH_MS, () => {
      // a store that cannot be read now is read again the next time, and whoever asks for a task is told
      look()
        .catch(() => undefined)
        .finally(() => {
          watching = false
          watch(clock)
        })
    })
  }

  async function look(): Promise<void> {
    const changed = await store.changedElsewhere?.()
    for (const [id, those] of [...listeners]) {
      if (changed !== true && [...those].every(({ here }) => here)) continue
      const entry = await read(id)
      if (entry !== undefined) announce(entry)
    }
  }

  return {
    async read(id) {
      await open()
      return read(id)
    },
    async change(id, by) {
      await open()
      return edit(id, by)
    },
    listen(id, listener) {
      const those = listeners.get(id) ?? new Set()
      listeners.set(id, those.add(listener))
      watch(listener.clock)
      return () => {
        those.delete(listener)
        if (those.size === 0 && listeners.get(id) === those) listeners.delete(id)
      }
    },
  }
}

function ownerEnded(task: TaskState): TaskState {
  return failed(task, { code: INTERNAL_ERROR, message: OWNER_ENDED })
}
