import { type Clock, RpcError, SERVER_BUSY, systemClock } from '@bao-mcp/protocol/engine'
import { atLeast } from '../at-least.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import { HubError } from './error.ts'
import { keptLogs } from './memory-logs.ts'
import { keptRecords } from './memory-records.ts'
import { keptClaims, keptTexts } from './memory-texts.ts'
import type { Hub } from './port.ts'

/** What the in-process hub holds at most. */
export interface MemoryHubLimits {
  /** Texts, and likewise claims, agreed texts, records and logs. Default 10,000. */
  maxEntries?: number
  /** Characters of all texts, records and logs together. Default 64 Mi. */
  maxTextLength?: number
}

/**
 * A hub for one process, bounded. Past its limits the oldest logs go and then the oldest texts, which their owners see as
 * expired. Claims, records and agreed texts are never forgotten early, because what they guard could then be done twice or
 * be lost: past the limit, new ones are refused.
 * @throws {TypeError} for a limit below 1
 */
export function memoryHub(
  { maxEntries = 10_000, maxTextLength = 64 * 1024 * 1024 }: MemoryHubLimits = {},
  clock: Clock = systemClock,
): Hub {
  atLeast(1, 'maxEntries', maxEntries)
  atLeast(1, 'maxTextLength', maxTextLength)
  const texts = keptTexts(clock, maxEntries)
  const claim = keptClaims(clock, maxEntries)
  const logs = keptLogs(clock, maxEntries)
  const records = keptRecords(clock, { maxEntries, claimRoom })
  const agreed = new Map<string, string>()
  let agreedLength = 0
  const listening = new Map<string, Set<Delivery<string>>>()
  const nodes = new Map<string, number>()
  let closed = false

  function usable(what: string): void {
    if (closed) throw new HubError(what, 'it is closed')
  }

  function isFull(more = 0): boolean {
    return texts.length + logs.length + records.length + agreedLength + more > maxTextLength
  }

  /** Forgets what may be forgotten, as far as needed. */
  function makeRoom(more = 0): void {
    if (!isFull(more)) return
    texts.expire()
    logs.expire()
    records.expire()
    while (isFull(more) && (logs.dropOldest() || texts.dropOldest()));
  }

  function claimRoom(more: number): void {
    makeRoom(more)
    if (!isFull(more)) return
    const kept = records.length + agreedLength
    throw new RpcError(
      SERVER_BUSY,
      `records of ${kept} characters are kept, ${more} more are past the limit of ${maxTextLength} (maxTextLength)`,
    )
  }

  async function close(): Promise<void> {
    closed = true
    logs.close()
    for (const deliveries of listening.values()) for (const delivery of deliveries) delivery.stop()
    listening.clear()
  }

  return {
    async put(key, text, ttlMs) {
      usable('keep a text')
      texts.put(key, text, ttlMs)
      makeRoom()
    },
    async get(key) {
      usable('look up a text')
      return texts.get(key)
    },
    async claim(key, ttlMs) {
      usable('claim a key')
      return claim(key, ttlMs)
    },
    async agree(key, text) {
      usable('agree on a text')
      const known = agreed.get(key)
      if (known !== undefined) return known
      if (agreed.size >= maxEntries) {
        throw new RpcError(SERVER_BUSY, `${agreed.size} texts are agreed on, which is the limit (maxEntries)`)
      }
      claimRoom(text.length)
      agreed.set(key, text)
      agreedLength += text.length
      return text
    },
    async create(record, fields, ttlMs) {
      usable('make a record')
      records.create(record, fields, ttlMs)
    },
    async update(record, fields, ttlMs) {
      usable('write to a record')
      return records.update(record, fields, ttlMs)
    },
    async read(record) {
      usable('read a record')
      return records.read(record)
    },
    async remove(record) {
      usable('remove a record')
      return records.remove(record)
    },
    async append(log, text, options) {
      usable('append to a log')
      const position = logs.append(log, text, options)
      makeRoom()
      return position
    },
    async has(log, position) {
      usable('look into a log')
      return logs.has(log, position)
    },
    async follow(log, after, follower) {
      usable('follow a log')
      return logs.follow(log, after, follower)
    },
    async drop(log) {
      usable('drop a log')
      logs.drop(log)
    },
    async publish(topic, text) {
      usable('publish')
      for (const delivery of listening.get(topic) ?? []) delivery.push(text)
    },
    async listen(topic, heard) {
      usable('listen')
      const delivery = createDelivery(heard)
      const others = listening.get(topic) ?? new Set()
      listening.set(topic, others.add(delivery))
      return () => {
        delivery.stop()
        others.delete(delivery)
        if (others.size === 0 && listening.get(topic) === others) listening.delete(topic)
      }
    },
    async join(node) {
      usable('join as a node')
      nodes.set(node, (nodes.get(node) ?? 0) + 1)
      let left = false
      return async () => {
        if (left) return
        left = true
        const others = (nodes.get(node) ?? 1) - 1
        if (others > 0) nodes.set(node, others)
        else nodes.delete(node)
      }
    },
    async isAlive(node) {
      usable('look for a node')
      return nodes.has(node)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
