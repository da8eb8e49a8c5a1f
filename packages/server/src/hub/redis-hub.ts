import type { Clock } from '@bao-mcp/protocol/engine'
import type { OpenRedis } from '../runtime/port.ts'
import { createDelivery } from './delivery.ts'
import type { Hub } from './port.ts'
import { createRedisCommands } from './redis-commands.ts'
import { createRedisConnection } from './redis-connection.ts'
import { milliseconds, redisLogs } from './redis-log.ts'
import { AGREE, CREATE, UPDATE } from './redis-scripts.ts'
import { createRedisSubscriber } from './redis-subscriber.ts'

export interface RedisHubSettings {
  open: OpenRedis
  url: string
  prefix: string
  commandTimeoutMs: number
  reconnectWithinMs: number
  heartbeatMs: number
  clock: Clock
}

/** The hub itself, apart from what one that is never used has to load. */
export function createRedisHub(settings: RedisHubSettings): Hub {
  const { open, url, prefix, commandTimeoutMs, reconnectWithinMs, heartbeatMs, clock } = settings
  const connecting = { open, url, clock, timeoutMs: commandTimeoutMs }
  const commands = createRedisCommands(createRedisConnection(connecting), clock, commandTimeoutMs)
  const { run } = commands
  const listening = createRedisConnection({ ...connecting, lost: () => subscriber.linkLost() })
  const subscriber = createRedisSubscriber({
    connection: listening,
    commands: createRedisCommands(listening, clock, commandTimeoutMs),
    clock,
    reconnectWithinMs,
    heartbeatMs,
  })
  const logs = redisLogs(commands, subscriber)
  const joined = new Set<() => void>()
  const key = (kind: string, name: string): string => `${prefix}:${kind}:${name}`

  async function close(): Promise<void> {
    for (const stop of joined) stop()
    joined.clear()
    subscriber.close()
    commands.close()
  }

  return {
    async put(name, text, ttlMs) {
      await run('keep a text', 'SET', key('text', name), text, 'PX', milliseconds(ttlMs))
    },
    async get(name) {
      return textOf(await run('look up a text', 'GET', key('text', name)))
    },
    async claim(name, ttlMs) {
      const taken = await run('claim a key', 'SET', key('claim', name), '', 'NX', 'PX', milliseconds(ttlMs))
      return taken === 'OK'
    },
    async agree(name, text) {
      return String(await run('agree on a text', 'EVAL', AGREE, '1', key('agreed', name), text))
    },
    async create(name, fields, ttlMs) {
      const flat = [...MARK, ...written(fields)]
      await run('make a record', 'EVAL', CREATE, '1', key('record', name), milliseconds(ttlMs), ...flat)
    },
    async update(name, fields, ttlMs) {
      const gone = Object.keys(fields).filter((field) => fields[field] === undefined)
      const changes = [String(gone.length), ...gone.map(stored), ...written(fields)]
      const at = key('record', name)
      return (await run('write to a record', 'EVAL', UPDATE, '1', at, milliseconds(ttlMs), ...changes)) === 1
    },
    async read(name) {
      return fieldsOf(await run('read a record', 'HGETALL', key('record', name)))
    },
    async remove(name) {
      return (await run('remove a record', 'DEL', key('record', name))) === 1
    },
    append: (log, text, appending) => logs.append(key('log', log), text, appending),
    has: (log, position) => logs.has(key('log', log), position),
    follow: (log, after, follower) => logs.follow(key('log', log), after, follower),
    drop: (log) => logs.drop(key('log', log)),
    async publish(topic, text) {
      await run('publish', 'PUBLISH', key('topic', topic), text)
    },
    async listen(topic, heard, lost) {
      const delivery = createDelivery(heard)
      const stop = await subscriber.subscribe('listen', key('topic', topic), {
        heard: delivery.push,
        lost(error) {
          delivery.stop()
          lost?.(error)
        },
      })
      return () => {
        delivery.stop()
        stop()
      }
    },
    async join(node, ttlMs) {
      const at = key('node', node)
      const renew = async (): Promise<void> =>
        void (await run('join as a node', 'SET', at, '', 'PX', milliseconds(ttlMs)))
      await renew()
      let stopTimer: (() => void) | undefined
      function renewLater(): void {
        stopTimer = clock.after(ttlMs / 3, () => {
          // when Redis is out of reach so is everything else, which says so; the next turn makes up for it
          renew().catch(() => undefined)
          renewLater()
        })
      }
      renewLater()
      const stop = (): void => stopTimer?.()
      joined.add(stop)
      return async () => {
        if (!joined.delete(stop)) return
        stop()
        await run('leave as a node', 'DEL', at)
      }
    },
    async isAlive(node) {
      return (await run('look for a node', 'EXISTS', key('node', node))) === 1
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A hash without fields is none, so every record has this one. */
const MARK = ['', '']

/** Apart from the mark. */
function stored(field: string): string {
  return `.${field}`
}

function written(fields: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [stored(field), value]))
}

function fieldsOf(reply: unknown): Record<string, string> | undefined {
  if (typeof reply !== 'object' || reply === null) return undefined
  const entries = Object.entries(reply)
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.filter(([field]) => field !== '').map(([field, value]) => [field.slice(1), String(value)]),
  )
}

function textOf(reply: unknown): string | undefined {
  return typeof reply === 'string' ? reply : undefined
}
