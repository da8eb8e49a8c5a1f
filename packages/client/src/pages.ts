import {
  ConnectionError,
  INVALID_PARAMS,
  InvalidResultError,
  isJsonObject,
  type JsonObject,
  RpcError,
} from '@bao-mcp/protocol/engine'

/** Pages of one list before it is given up. */
export const DEFAULT_MAX_PAGES = 64

export interface ListToWalk<T> {
  method: string
  /** The member of a page that holds its items. */
  member: string
  /** Whether one item is of the list's kind. */
  isItem(value: unknown): value is T
  /** Fetches one page; without params the first. */
  fetch(params: JsonObject | undefined): Promise<JsonObject>
  maxPages?: number | undefined
  /** The session that cursors belong to, where they end with it. */
  session?(): unknown
  /** Told that a cursor was refused: the pages before it are stale as well. */
  refused?(): void
}

/** A list was left in the middle because its cursors are void. */
const VOID = 'the session was opened anew in the middle of the list, and its cursors ended with the old one'

/**
 * Walks a list page by page, as far as it is asked for. A cursor is opaque, and the empty one is a cursor.
 * @throws {InvalidResultError} when a page is none, when a cursor comes twice, and past `maxPages`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination
 */
export async function* walkPages<T>(list: ListToWalk<T>): AsyncGenerator<readonly T[], void, undefined> {
  const { method, maxPages = DEFAULT_MAX_PAGES } = list
  const seen = new Set<string>()
  let params: JsonObject | undefined
  const session = list.session?.()
  for (let count = 1; ; count++) {
    if (list.session?.() !== session) throw new ConnectionError('dropped', `${method}: ${VOID}`, { method })
    const page = await list.fetch(params)
    yield itemsOf(page, list)
    const cursor = page.nextCursor
    if (cursor === undefined || cursor === null) return
    if (typeof cursor !== 'string') throw new InvalidResultError(method, 'its nextCursor must be a string')
    if (seen.has(cursor)) throw new InvalidResultError(method, `the cursor ${JSON.stringify(cursor)} comes twice`)
    if (count >= maxPages) throw new InvalidResultError(method, `the list has more than ${maxPages} pages (maxPages)`)
    seen.add(cursor)
    params = { cursor }
  }
}

/**
 * Collects a whole list. A cursor that is refused on the way means that the pages before it are stale as well, so the
 * list is walked once more from its beginning.
 */
export async function collectPages<T>(list: ListToWalk<T>): Promise<T[]> {
  let refused = false
  for (;;) {
    const items: T[] = []
    let pages = 0
    try {
      for await (const page of walkPages(list)) {
        pages++
        for (const item of page) items.push(item)
      }
      return items
    } catch (error) {
      if (pages === 0 || refused || !isVoid(error)) throw error
      refused = true
      list.refused?.()
    }
  }
}

/** Whether it says that a cursor is no more: the server refused it, or the session it belongs to is over. */
function isVoid(error: unknown): boolean {
  return error instanceof RpcError
    ? error.code === INVALID_PARAMS
    : error instanceof ConnectionError && error.message.endsWith(VOID)
}

function itemsOf<T>(page: JsonObject, { method, member, isItem }: ListToWalk<T>): readonly T[] {
  const items = page[member]
  if (!Array.isArray(items)) throw new InvalidResultError(method, `its ${member} must be an array`)
  const stranger = items.findIndex((item) => !isItem(item))
  if (stranger >= 0) {
    throw new InvalidResultError(method, `what stands at ${member}[${stranger}] does not belong there`)
  }
  // proof: every item was just checked
  return items as T[]
}

/** Whether a listed value can be addressed: an object with a name. What else it says is for its reader to judge. */
export function isNamed(value: unknown): value is { name: string } {
  return isJsonObject(value) && typeof value.name === 'string'
}
