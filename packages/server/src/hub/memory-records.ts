import { type Clock, RpcError, SERVER_BUSY } from '@bao-mcp/protocol/engine'

/** Records, never forgotten early. */
export interface KeptRecords {
  /** Characters of all names and values of fields. */
  readonly length: number
  create(record: string, fields: Readonly<Record<string, string>>, ttlMs: number): void
  update(record: string, fields: Readonly<Record<string, string | undefined>>, ttlMs: number): boolean
  read(record: string): Record<string, string> | undefined
  remove(record: string): boolean
  /** Forgets what is over. */
  expire(): void
}

interface Kept {
  readonly fields: Map<string, string>
  length: number
  until: number
}

export interface RecordRoom {
  maxEntries: number
  /** Throws when there is no room for that many more characters. */
  claimRoom(more: number): void
}

export function keptRecords(clock: Clock, { maxEntries, claimRoom }: RecordRoom): KeptRecords {
  const records = new Map<string, Kept>()
  let length = 0

  function drop(record: string): void {
    length -= records.get(record)?.length ?? 0
    records.delete(record)
  }

  function get(record: string): Kept | undefined {
    const kept = records.get(record)
    if (kept === undefined || kept.until > clock.now()) return kept
    drop(record)
    return undefined
  }

  function expire(): void {
    for (const record of records.keys()) get(record)
  }

  return {
    get length() {
      return length
    },
    create(record, fields, ttlMs) {
      if (!records.has(record) && records.size >= maxEntries) expire()
      if (!records.has(record) && records.size >= maxEntries) {
        throw new RpcError(SERVER_BUSY, `${records.size} records are kept, which is the limit (maxEntries)`)
      }
      const entries = new Map(Object.entries(fields))
      const own = lengthOf(entries)
      claimRoom(own - (get(record)?.length ?? 0))
      drop(record)
      records.set(record, { fields: entries, length: own, until: clock.now() + ttlMs })
      length += own
    },
    update(record, fields, ttlMs) {
      const kept = get(record)
      if (kept === undefined) return false
      const more = growth(kept.fields, fields)
      if (more > 0) claimRoom(more)
      for (const [name, value] of Object.entries(fields)) {
        if (value === undefined) kept.fields.delete(name)
        else kept.fields.set(name, value)
      }
      kept.length += more
      kept.until = clock.now() + ttlMs
      length += more
      return true
    },
    read(record) {
      const kept = get(record)
      return kept === undefined ? undefined : Object.fromEntries(kept.fields)
    },
    remove(record) {
      const existed = get(record) !== undefined
      drop(record)
      return existed
    },
    expire,
  }
}

function lengthOf(fields: ReadonlyMap<string, string>): number {
  let length = 0
  for (const [name, value] of fields) length += name.length + value.length
  return length
}

/** Characters that writing these fields adds. */
function growth(kept: ReadonlyMap<string, string>, fields: Readonly<Record<string, string | undefined>>): number {
  let more = 0
  for (const [name, value] of Object.entries(fields)) {
    const old = kept.get(name)
    if (old !== undefined) more -= name.length + old.length
    if (value !== undefined) more += name.length + value.length
  }
  return more
}
