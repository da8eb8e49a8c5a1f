import type { Clock } from '@bao-mcp/protocol/engine'
import type { OpenRedis, RedisLink } from '../runtime/port.ts'
import { backoffMs } from './backoff.ts'

/** A link to Redis that is opened on need, and again after it was lost. */
export interface RedisConnection {
  /** The link, while there is one. */
  readonly link: RedisLink | undefined
  /** One attempt to open it, shared by all who wait, and later the more attempts failed before it. */
  open(): Promise<RedisLink>
  /** Gives up a link that does not answer. */
  drop(link: RedisLink): void
  close(): void
}

export interface RedisConnectionOptions {
  open: OpenRedis
  url: string
  clock: Clock
  /** Milliseconds one attempt may take. */
  timeoutMs: number
  /** Told that the link is over, unless it was closed here for good. */
  lost?(): void
}

export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  const { open, url, clock, timeoutMs, lost } = options
  let link: RedisLink | undefined
  let attempt: Promise<RedisLink> | undefined
  let failures = 0
  let failedAt = 0
  let closed = false
  let stopWaiting: (() => void) | undefined

  function failed(): void {
    failures++
    failedAt = clock.now()
  }

  function pause(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const stop = clock.after(ms, resolve)
      stopWaiting = () => {
        stop()
        resolve()
      }
    })
  }

  function forget(old: RedisLink): void {
    if (link !== old) return
    link = undefined
    if (!closed) lost?.()
  }

  async function connect(): Promise<RedisLink> {
    await pause(failedAt + backoffMs(failures) - clock.now())
    if (closed) throw new TypeError('the connection was closed')
    let opened: RedisLink | undefined
    let ended = false
    const fresh = await open(url, {
      timeoutMs,
      ended() {
        ended = true
        if (opened !== undefined) forget(opened)
      },
    })
    opened = fresh
    if (closed || ended) {
      fresh.close()
      throw new TypeError('the connection ended as soon as it was open')
    }
    failures = 0
    link = fresh
    return fresh
  }

  return {
    get link() {
      return link
    },
    open() {
      if (link !== undefined) return Promise.resolve(link)
      attempt ??= connect()
        .catch((error: unknown) => {
          failed()
          throw error
        })
        .finally(() => {
          attempt = undefined
        })
      return attempt
    },
    drop(old) {
      if (old === link) failed()
      forget(old)
      old.close()
    },
    close() {
      closed = true
      stopWaiting?.()
      link?.close()
      link = undefined
    },
  }
}
