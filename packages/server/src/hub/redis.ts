import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { environment } from '#runtime/process'
import { openRedis } from '#runtime/redis'
import { atLeast } from '../at-least.ts'
import type { Hub } from './port.ts'

/** Where Redis is, what belongs to this deployment in it, and how long it may be away. */
export interface RedisHubOptions {
  /** `redis://[user:password@]host[:port]`, or `rediss://`. Default: `REDIS_URL` of the environment, or this machine. */
  url?: string
  /** What all keys and channels begin with, so that several deployments may share one Redis. Default `bao`. */
  prefix?: string
  /** Milliseconds any call may take before it rejects. Default 2000. */
  commandTimeoutMs?: number
  /** Milliseconds within which a lost connection is healed without a word to whoever follows or listens. Default 2000. */
  reconnectWithinMs?: number
  /** Milliseconds between two looks whether Redis still answers, while somebody follows or listens. Default 5000. */
  heartbeatMs?: number
  clock?: Clock
}

/**
 * A hub for any number of machines, over one Redis of version 5 or later. It opens a connection when it is first used, and
 * a second one when something is first followed or listened to; while that is so, it keeps the process alive until
 * `close()`. Both come back by themselves. Redis must not evict keys (`maxmemory-policy noeviction`): what is forgotten
 * early may be done twice.
 * @throws {TypeError} where the runtime is not Bun, for a url of another kind, or for a limit below 1
 */
export function redisHub(options: RedisHubOptions = {}): Hub {
  const { prefix = 'bao', commandTimeoutMs = 2000, reconnectWithinMs = 2000, heartbeatMs = 5000 } = options
  const { url = environment('REDIS_URL') || 'redis://127.0.0.1:6379', clock = systemClock } = options
  if (openRedis === undefined) throw new TypeError('redisHub needs Bun, whose Redis client it uses')
  // it may hold a password, so it is not repeated
  if (!URL_SHAPE.test(url)) throw new TypeError('the url of Redis must begin with redis:// or rediss://')
  atLeast(1, 'commandTimeoutMs', commandTimeoutMs)
  atLeast(1, 'reconnectWithinMs', reconnectWithinMs)
  atLeast(1, 'heartbeatMs', heartbeatMs)
  const settings = { open: openRedis, url, prefix, commandTimeoutMs, reconnectWithinMs, heartbeatMs, clock }
  let loading: Promise<Hub> | undefined

  /** Loaded on first use, because most servers have none. */
  function hub(): Promise<Hub> {
    loading ??= import('./redis-hub.ts').then(({ createRedisHub }) => createRedisHub(settings))
    return loading
  }

  async function close(): Promise<void> {
    await (await hub()).close()
  }

  return {
    put: async (...args) => (await hub()).put(...args),
    get: async (...args) => (await hub()).get(...args),
    claim: async (...args) => (await hub()).claim(...args),
    agree: async (...args) => (await hub()).agree(...args),
    create: async (...args) => (await hub()).create(...args),
    update: async (...args) => (await hub()).update(...args),
    read: async (...args) => (await hub()).read(...args),
    remove: async (...args) => (await hub()).remove(...args),
    append: async (...args) => (await hub()).append(...args),
    has: async (...args) => (await hub()).has(...args),
    follow: async (...args) => (await hub()).follow(...args),
    drop: async (...args) => (await hub()).drop(...args),
    publish: async (...args) => (await hub()).publish(...args),
    listen: async (...args) => (await hub()).listen(...args),
    join: async (...args) => (await hub()).join(...args),
    isAlive: async (...args) => (await hub()).isAlive(...args),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Bun knows more schemes than the two that are told. */
const URL_SHAPE = /^(?:redis|valkey)s?(?:\+\w+)?:\/\/\S+$/
