import {
  type CacheHint,
  type Complete,
  complete,
  INVALID_PARAMS,
  type JsonObject,
  RpcError,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { atLeast } from '../at-least.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

/** Entries on one page of a list, unless an option says otherwise. */
export const DEFAULT_PAGE_SIZE = 1000

/**
 * Things of one kind that a server offers, in the order they were added, each under a key of its own. Any change is
 * allowed at any time: what runs keeps the thing it began with, and clients hear of all changes of one tick at once.
 */
export interface Registry<T> {
  /** Adds all of them, or none. @throws {TypeError} when a key is taken */
  add(...items: T[]): void
  /** Puts another one in the place of one, under its own key. @throws {TypeError} when there is none */
  replace(key: string, item: T): void
  /** Keeps the place. @throws {TypeError} when there is none under that key, or the new one is taken */
  rename(key: string, to: string): void
  /** False when there was none. */
  remove(key: string): boolean
  /** What is disabled is neither listed nor served. @throws {TypeError} when there is none under that key */
  enable(key: string, enabled?: boolean): void
  disable(key: string): void
  has(key: string): boolean
  /** What a request for this key is served by; undefined when there is none or it is disabled. */
  get(key: string): T | undefined
  /** Keys in order, the disabled ones included. */
  names(): string[]
}

/** A registry as the server's own code sees it. */
export interface Catalogue<T> extends Registry<T> {
  /** True once anything was ever added. */
  readonly used: boolean
  /** What is enabled and stands after a place, in order. */
  after(place: number): readonly Placed<T>[]
  /**
   * One page of the list; of a list that is walked from its start, the same object until the next change.
   * @throws {RpcError} -32602 for a cursor that none of these lists gave out
   */
  list(revision: Revision, cursor: unknown): Complete
}

/** Something, and its place in the order; never reused, so that a cursor stays right when others come and go. */
export interface Placed<T> {
  readonly place: number
  readonly item: T
}

export interface CatalogueOptions<T> {
  /** What one of them is called in messages. */
  noun: string
  /** The function that makes them. */
  maker: string
  /** The member of a list result that holds them. */
  member: string
  keyOf(item: T): string
  /** The same under another key. */
  rekeyed(item: T, key: string): T
  /** As a revision lists it. */
  encode(item: T, revision: Revision): JsonObject
  /** Told of every change. */
  onChange(): void
  /** Told of everything that is registered, before the change. */
  onRegister?(item: T): void
  pageSize?: number | undefined
  /** How long a page of the list may be kept. */
  cache?: CacheHint | undefined
}

interface Entry<T> extends Placed<T> {
  readonly key: string
  readonly enabled: boolean
}

/** @throws {TypeError} for a page size below 1 */
export function createCatalogue<T extends { readonly listed: unknown }>(options: CatalogueOptions<T>): Catalogue<T> {
  const {
    noun,
    maker,
    member,
    keyOf,
    rekeyed,
    encode,
    onChange,
    onRegister,
    pageSize = DEFAULT_PAGE_SIZE,
    cache,
  } = options
  atLeast(1, 'pageSize', pageSize)
  const entries = new Map<string, Entry<T>>()
  let pages = new Map<string, Complete>()
  /** Where the pages that are kept begin: cursors that somebody makes up must not make more of them. */
  let starts = new Set<number>([0])
  let nextPlace = 1

  function changed(): void {
    pages = new Map()
    starts = new Set([0])
    onChange()
  }

  function entryOf(key: string): Entry<T> {
    const entry = entries.get(key)
    if (entry !== undefined) return entry
    throw new TypeError(
      `there is no ${noun} ${JSON.stringify(key)}; there are: ${[...entries.keys()].join(', ') || 'none'}`,
    )
  }

  function mustBeFree(key: string): void {
    if (entries.has(key)) throw new TypeError(`there already is a ${noun} ${JSON.stringify(key)}`)
  }

  function mustBeMade(item: T, key: string): void {
    if (item.listed === undefined) throw new TypeError(`${JSON.stringify(key)} was not made by ${maker}()`)
  }

  function put(entry: Entry<T>, under: string = entry.key): void {
    if (under === entry.key) {
      entries.set(under, entry)
    } else {
      const inOrder = [...entries.values()].map((one) => (one.key === under ? entry : one))
      entries.clear()
      for (const one of inOrder) entries.set(one.key, one)
    }
    changed()
  }

  function setEnabled(key: string, enabled: boolean): void {
    const entry = entryOf(key)
    if (entry.enabled !== enabled) put({ ...entry, enabled })
  }

  function after(place: number): Entry<T>[] {
    return [...entries.values()].filter((entry) => entry.enabled && entry.place > place)
  }

  function page(place: number, revision: Revision): Complete {
    const rest = after(place)
    const onPage = rest.slice(0, pageSize)
    const last = onPage.at(-1)
    const goesOn = rest.length > pageSize && last !== undefined
    if (goesOn && starts.has(place)) starts.add(last.place)
    const value = {
      [member]: onPage.map(({ item }) => encode(item, revision)),
      ...(goesOn && { nextCursor: encodeCursor(last.place) }),
    }
    return { ...complete(value), stable: true, ...(cache !== undefined && { cache }) }
  }

  return {
    get used() {
      return nextPlace > 1
    },
    add(...items) {
      const added = new Map<string, T>()
      for (const item of items) {
        const key = keyOf(item)
        mustBeMade(item, key)
        mustBeFree(key)
        if (added.has(key)) throw new TypeError(`two ${noun}s are called ${JSON.stringify(key)}`)
        added.set(key, item)
      }
      for (const item of added.values()) onRegister?.(item)
      for (const [key, item] of added) entries.set(key, { place: nextPlace++, key, item, enabled: true })
      if (added.size > 0) changed()
    },
    replace(key, item) {
      const entry = entryOf(key)
      const to = keyOf(item)
      mustBeMade(item, to)
      if (to !== key) mustBeFree(to)
      onRegister?.(item)
      put({ ...entry, key: to, item }, key)
    },
    rename(key, to) {
      const entry = entryOf(key)
      if (to === key) return
      mustBeFree(to)
      put({ ...entry, key: to, item: rekeyed(entry.item, to) }, key)
    },
    remove(key) {
      const removed = entries.delete(key)
      if (removed) changed()
      return removed
    },
    enable: (key, enabled = true) => setEnabled(key, enabled),
    disable: (key) => setEnabled(key, false),
    has: (key) => entries.has(key),
    get(key) {
      const entry = entries.get(key)
      return entry?.enabled === true ? entry.item : undefined
    },
    names: () => [...entries.keys()],
    after,
    list(revision, cursor) {
      const place = cursor === undefined || cursor === null ? 0 : decodeCursor(cursor)
      if (place === undefined) throw invalidCursor()
      const key = `${revision.version} ${place}`
      let kept = pages.get(key)
      if (kept === undefined) {
        kept = page(place, revision)
        if (starts.has(place)) pages.set(key, kept)
      }
      return kept
    },
  }
}

export function invalidCursor(): RpcError {
  return new RpcError(INVALID_PARAMS, 'params.cursor is not one this list gave out')
}
