import { type Clock, isJsonObject, type JsonObject, type MaybePromise } from '@bao-mcp/protocol/engine'
import { type CacheStore, createMemoryCache } from './cache-store.ts'
import { createFlights, type Flight, type ReadOptions } from './flights.ts'

/** Lists and other reads whose results may be kept. */
export const CACHED_METHODS = [
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
] as const
export type CachedMethod = (typeof CACHED_METHODS)[number]

export interface Read {
  readonly method: CachedMethod
  readonly params: JsonObject | undefined
  readonly options: ReadOptions | undefined
  /** Whether results of this method may be kept in the revision at hand. */
  readonly cacheable: boolean
  send(options: ReadOptions): Promise<JsonObject>
}

/** Milliseconds a store, or whoever names the user, may take before a read goes on without. */
export const CACHE_PATIENCE_MS = 1_000

/** Answers reads from what is kept, as long as the server said that it may be. */
export interface Cache {
  /** Whoever reads the same at the same time shares one request; each gets a result of its own to do with as they like. */
  read(read: Read): Promise<JsonObject>
  /** Forgets all results of a method, or of one resource: what is under way will not be kept either. */
  drop(method: CachedMethod, uri?: string): void
  /** Forgets everything. */
  clear(): void
  /** From now on reads ask for themselves: what is under way may be from before what this client just did. */
  seal(): void
}

export interface CacheOptions {
  /** Which server it is, as a text that may hold secrets. */
  readonly server: string
  /** Who is logged in; what is kept for one is never shown to another. */
  principal(): string | undefined
  /** The same once the credentials of the next request are known; null where nobody can tell. Default: `principal`. */
  identify?: (() => MaybePromise<string | undefined | null>) | undefined
  /** Where public results are kept. Default: with the private ones, in this client. */
  readonly store?: CacheStore | undefined
  readonly clock: Clock
  /** Hears that the store failed. */
  report(message: string): void
}

/** Null where nobody can tell: then nothing is shared, and nothing private kept. */
type Who = string | undefined | null

/** What is kept of one result, and by whom it may be seen. */
interface Hint {
  readonly ttlMs: number
  readonly isPublic: boolean
}

/** @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching */
export function createCache(options: CacheOptions): Cache {
  const { clock, report } = options
  const mine = createMemoryCache({ clock })
  const store: CacheStore = options.store ?? createMemoryCache({ clock })
  const flights = createFlights()
  let who = options.principal()
  let server: Promise<string> | undefined

  /** What a store of the user is told of the server holds no secret. */
  function serverName(): string | Promise<string> {
    if (options.store === undefined) return ''
    server ??= digestOf(options.server)
    return server
  }

  function checkWho(now: string | undefined): void {
    if (now === who) return
    who = now
    mine.clear()
    flights.spoil()
  }

  /** What is known of who asks, or null when that cannot be learned in time. */
  async function inTime(who: Promise<string | undefined | null>, asked: ReadOptions | undefined): Promise<Who> {
    try {
      const ms = Math.min(CACHE_PATIENCE_MS, asked?.timeoutMs ?? CACHE_PATIENCE_MS)
      return await within(who, { ms, clock, signal: asked?.signal })
    } catch {
      // the request itself fails for the same reason, and tells it
      asked?.signal?.throwIfAborted()
      return null
    }
  }

  async function identified(identify: () => MaybePromise<Who>, read: Read): Promise<JsonObject> {
    const who = await inTime((async () => identify())(), read.options)
    return take(read, who)
  }

  async function kept(method: string, key: string, who: Who): Promise<JsonObject | undefined> {
    const own = who === null ? undefined : mine.get(method, key)
    const text = own ?? (await attempt(() => within(stored(method, key), { ms: CACHE_PATIENCE_MS, clock })))
    if (text === undefined) return undefined
    return attempt(() => {
      const value: unknown = JSON.parse(text)
      if (isJsonObject(value)) return value
      throw new TypeError('what it gave is no result')
    })
  }

  async function stored(method: string, key: string): Promise<string | undefined> {
    return store.get(`${await serverName()}${method}`, key)
  }

  function keep(flight: Flight, result: JsonObject, who: Who): void {
    const { ttlMs, isPublic } = hintOf(result)
    if (ttlMs <= 0) return
    const { method, key } = flight
    const text = JSON.stringify(result)
    if (!isPublic) return who === null ? undefined : mine.set({ family: method, key, text, ttlMs })
    // nobody waits for a store that takes its time; it reports its failure
    void attempt(async () => {
      const family = `${await serverName()}${method}`
      if (!flight.spoiled) await store.set({ family, key, text, ttlMs })
    })
  }

  /** A store that fails costs a request and no more. */
  async function attempt<T>(act: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      report(`the cache failed: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }

  async function fetch(flight: Flight, read: Read, who: Who): Promise<JsonObject> {
    const { method, cacheable, options: asked, send } = read
    if (cacheable && asked?.fresh !== true) {
      const known = await kept(method, flight.key, who)
      if (known !== undefined && !flight.spoiled) return known
    }
    let wasAsked = false
    const onInput = (): void => {
      wasAsked = true
    }
    const result = await send({ ...asked, signal: flight.signal, onInput })
    if (who !== null) checkWho(options.principal())
    if (cacheable && !wasAsked && !flight.spoiled) keep(flight, result, who)
    return result
  }

  function take(read: Read, who: Who): Promise<JsonObject> {
    const { method, params, options: asked, send } = read
    if (who !== null) checkWho(who)
    const key = keyOf(method, params)
    if (key === undefined) return send(asked ?? {})
    const isAlone = who === null
    return flights.take({ method, key, isAlone, options: asked, start: (flight) => fetch(flight, read, who) })
  }

  function drop(method: CachedMethod, uri?: string): void {
    flights.spoil(method, uri)
    mine.drop(method, uri)
    void attempt(async () => store.drop(`${await serverName()}${method}`, uri))
  }

  return {
    read(read) {
      const { options: asked } = read
      // other headers may stand for another user
      if (asked?.headers !== undefined) return read.send(asked)
      if (options.identify === undefined) return take(read, options.principal())
      return identified(options.identify, read)
    },
    drop,
    clear() {
      flights.spoil()
      mine.clear()
      for (const method of CACHED_METHODS) drop(method)
    },
    seal: flights.seal,
  }
}

/** Which page or which resource is asked for; undefined where params say more than that, or something else. */
function keyOf(method: CachedMethod, { uri, cursor, ...others }: JsonObject = {}): string | undefined {
  if (Object.keys(others).length > 0) return undefined
  if (method === 'resources/read') return typeof uri === 'string' && cursor === undefined ? uri : undefined
  return uri === undefined ? JSON.stringify(cursor ?? null) : undefined
}

/** "Clients SHOULD treat" an absent or negative `ttlMs` as 0; who may see what is not said is nobody else. */
function hintOf({ ttlMs, cacheScope }: JsonObject): Hint {
  const isTime = typeof ttlMs === 'number' && Number.isFinite(ttlMs) && ttlMs > 0
  return { ttlMs: isTime ? ttlMs : 0, isPublic: cacheScope === 'public' }
}

async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `${Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')} `
}

/** The promise, or a failure once the time is up. @throws the signal's reason */
function within<T>(
  promise: Promise<T>,
  { ms, clock, signal }: { ms: number; clock: Clock; signal?: AbortSignal | undefined },
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = (): void => reject(signal?.reason)
    const stop = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms (CACHE_PATIENCE_MS)`)))
    signal?.addEventListener('abort', onAbort, { once: true })
    const done = (): void => {
      stop()
      signal?.removeEventListener('abort', onAbort)
    }
    promise.finally(done).then(resolve, reject)
  })
}
