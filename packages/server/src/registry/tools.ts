import { type Complete, complete, INVALID_PARAMS, RpcError } from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { atLeast } from '../at-least.ts'
import type { Changes } from '../changes.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Tool } from './tool.ts'

/** Tools on one page of a list, unless an option says otherwise. */
export const DEFAULT_PAGE_SIZE = 1000

/**
 * The tools of a server, in the order they were added. Any change is allowed at any time: a running call keeps the tool
 * it began with, and clients hear of all changes of one tick at once.
 */
export interface ToolRegistry {
  /** Adds all of them, or none. @throws {TypeError} when a name is taken */
  add(...tools: Tool[]): void
  /** Puts another tool in the place of one, under its own name. @throws {TypeError} when there is none */
  replace(name: string, tool: Tool): void
  /** Keeps the tool's place. @throws {TypeError} when there is none of that name, or the new name is taken */
  rename(name: string, to: string): void
  /** False when there was none. */
  remove(name: string): boolean
  /** A disabled tool is neither listed nor callable. @throws {TypeError} when there is none of that name */
  enable(name: string, enabled?: boolean): void
  disable(name: string): void
  has(name: string): boolean
  /** The tool a call by this name runs; undefined when there is none or it is disabled. */
  get(name: string): Tool | undefined
  /** Names in order, the disabled ones included. */
  names(): string[]
  /**
   * One page of the list; of a list that is walked from its start, the same object until the next change.
   * @throws {RpcError} -32602 for a cursor that none of these lists gave out
   */
  list(revision: Revision, cursor: unknown): Complete
}

interface Entry {
  /** Place in the order; never reused, so that a cursor stays right when tools come and go. */
  readonly place: number
  readonly name: string
  readonly tool: Tool
  readonly enabled: boolean
}

/** @throws {TypeError} for a page size below 1 */
export function createToolRegistry(changes: Changes, pageSize: number = DEFAULT_PAGE_SIZE): ToolRegistry {
  atLeast(1, 'pageSize', pageSize)
  const entries = new Map<string, Entry>()
  let pages = new Map<string, Complete>()
  /** Where the pages that are kept begin: cursors that somebody makes up must not make more of them. */
  let starts = new Set<number>([0])
  let nextPlace = 1

  function changed(): void {
    pages = new Map()
    starts = new Set([0])
    changes.mark('tools')
  }

  function entryOf(name: string): Entry {
    const entry = entries.get(name)
    if (entry !== undefined) return entry
    throw new TypeError(
      `there is no tool ${JSON.stringify(name)}; there are: ${[...entries.keys()].join(', ') || 'none'}`,
    )
  }

  function mustBeFree(name: string): void {
    if (entries.has(name)) throw new TypeError(`there already is a tool ${JSON.stringify(name)}`)
  }

  function put(entry: Entry, under: string = entry.name): void {
    if (under === entry.name) {
      entries.set(under, entry)
    } else {
      const inOrder = [...entries.values()].map((one) => (one.name === under ? entry : one))
      entries.clear()
      for (const one of inOrder) entries.set(one.name, one)
    }
    changed()
  }

  function setEnabled(name: string, enabled: boolean): void {
    const entry = entryOf(name)
    if (entry.enabled !== enabled) put({ ...entry, enabled })
  }

  return {
    add(...tools) {
      const added = new Map<string, Tool>()
      for (const tool of tools) {
        if (typeof tool.run !== 'function' || tool.input === undefined || tool.listed === undefined) {
          throw new TypeError(`${JSON.stringify(tool.name)} was not made by tool()`)
        }
        mustBeFree(tool.name)
        if (added.has(tool.name)) throw new TypeError(`two tools are called ${JSON.stringify(tool.name)}`)
        added.set(tool.name, tool)
      }
      for (const [name, tool] of added) entries.set(name, { place: nextPlace++, name, tool, enabled: true })
      if (added.size > 0) changed()
    },
    replace(name, tool) {
      const entry = entryOf(name)
      if (tool.name !== name) mustBeFree(tool.name)
      put({ ...entry, name: tool.name, tool }, name)
    },
    rename(name, to) {
      const entry = entryOf(name)
      if (to === name) return
      mustBeFree(to)
      put({ ...entry, name: to, tool: { ...entry.tool, name: to, listed: { ...entry.tool.listed, name: to } } }, name)
    },
    remove(name) {
      const removed = entries.delete(name)
      if (removed) changed()
      return removed
    },
    enable: (name, enabled = true) => setEnabled(name, enabled),
    disable: (name) => setEnabled(name, false),
    has: (name) => entries.has(name),
    get(name) {
      const entry = entries.get(name)
      return entry?.enabled === true ? entry.tool : undefined
    },
    names: () => [...entries.keys()],
    list(revision, cursor) {
      const after = cursor === undefined || cursor === null ? 0 : decodeCursor(cursor)
      if (after === undefined) throw new RpcError(INVALID_PARAMS, 'params.cursor is not one this list gave out')
      const key = `${revision.version} ${after}`
      let page = pages.get(key)
      if (page === undefined) {
        page = listAfter(after, revision)
        if (starts.has(after)) pages.set(key, page)
      }
      return page
    },
  }

  function listAfter(after: number, revision: Revision): Complete {
    const rest = [...entries.values()].filter((entry) => entry.enabled && entry.place > after)
    const onPage = rest.slice(0, pageSize)
    const tools = onPage.map((entry) => revision.encodeTool(entry.tool.listed))
    const last = onPage.at(-1)
    if (rest.length <= pageSize || last === undefined) return { ...complete({ tools }), stable: true }
    if (starts.has(after)) starts.add(last.place)
    return { ...complete({ tools, nextCursor: encodeCursor(last.place) }), stable: true }
  }
}
