import type { Clock, JsonObject } from '@bao-mcp/protocol/engine'
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
  /** Where public results are kept. Default: with the private ones, in this client. */
  readonly store?: CacheStore | undefined
  readonly clock: Clock
  /** Hears that the store failed. */
  report(message: string): void
}

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

  function checkWho(): void {
    const now = options.principal()
    if (now === who) return
    who = now
    mine.clear()
    flights.spoil()
  }

  async function kept(method: string, key: string): Promise<JsonObject | undefined> {
    const text = mine.get(method, key) ?? (await attempt(async () => store.get(`${await serverName()}${method}`, key)))
    if (text === undefined) return undefined
    return attempt(() => {
      const value: unknown = JSON.parse(text)
      // proof: only results are put there; whoever reads one checks its members
      return value as JsonObject
    })
  }

  async function keep(flight: Flight, result: JsonObject): Promise<void> {
    const { ttlMs, isPublic } = hintOf(result)
    if (ttlMs <= 0) return
    const { method, key } = flight
    const text = JSON.stringify(result)
    if (!isPublic) return mine.set({ family: method, key, text, ttlMs })
    await attempt(async () => {
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

  async function fetch(flight: Flight, { method, cacheable, options: asked, send }: Read): Promise<JsonObject> {
    if (cacheable && asked?.fresh !== true) {
      const known = await kept(method, flight.key)
      if (known !== undefined && !flight.spoiled) return known
    }
    let wasAsked = false
    const onInput = (): void => {
      wasAsked = true
    }
    const result = await send({ ...asked, signal: flight.signal, onInput })
    checkWho()
    if (cacheable && !wasAsked && !flight.spoiled) await keep(flight, result)
    return result
  }

  function drop(method: CachedMethod, uri?: string): void {
    flights.spoil(method, uri)
    mine.drop(method, uri)
    void attempt(async () => store.drop(`${await serverName()}${method}`, uri))
  }

  return {
    read(read) {
      const { method, params, options: asked } = read
      // other headers may stand for another user
      if (asked?.headers !== undefined) return read.send(asked)
      checkWho()
      const key = typeof params?.uri === 'string' ? params.uri : JSON.stringify(params?.cursor ?? null)
      return flights.take({ method, key, options: asked, start: (flight) => fetch(flight, read) })
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

/** "Clients SHOULD treat" an absent or negative `ttlMs` as 0; who may see what is not said is nobody else. */
function hintOf({ ttlMs, cacheScope }: JsonObject): Hint {
  const isTime = typeof ttlMs === 'number' && Number.isFinite(ttlMs) && ttlMs > 0
  return { ttlMs: isTime ? ttlMs : 0, isPublic: cacheScope === 'public' }
}

async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `${Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')} `
}
