import type { Resource as ListedResource } from '@bao-mcp/protocol'
import { complete, type JsonObject, type MaybePromise, type Outcome } from '@bao-mcp/protocol/engine'
import type { ServedRequest } from '../dispatch.ts'
import { DEFAULT_PAGE_SIZE, invalidCursor, type Placed } from './catalogue.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { ResourceTemplate } from './resource-template.ts'
import type { ResourceRegistry } from './resources.ts'

type Listing = ResourceTemplate & { list: NonNullable<ResourceTemplate['list']> }

/**
 * Answers `resources/list`: the resources that were registered, and after them what templates list, each in its order.
 * What a template lists goes on by position, so it should list in a steady order.
 * @throws {RpcError} -32602 for a cursor that no list of resources gave out
 */
export function listResources(resources: ResourceRegistry, request: ServedRequest): MaybePromise<Outcome> {
  const cursor = request.params?.cursor
  const listing = resources.templates.after(0).filter(lists)
  if (listing.length > 0) return listAll(resources, listing, cursor, request)
  // a walk may have begun before the last template that lists went
  return decodeListed(cursor) === undefined
    ? resources.list(request.facts.revision, cursor)
    : complete({ resources: [] })
}

async function listAll(
  resources: ResourceRegistry,
  listing: readonly Placed<Listing>[],
  cursor: unknown,
  { facts: { revision }, serving }: ServedRequest,
): Promise<Outcome> {
  const { pageSize = DEFAULT_PAGE_SIZE, cache } = resources
  const isFirst = cursor === undefined || cursor === null
  const from = decodeListed(cursor)
  const after = isFirst || from !== undefined ? 0 : decodeCursor(cursor)
  if (after === undefined) throw invalidCursor()
  const page: ListedResource[] = []
  let nextCursor: string | undefined

  if (from === undefined) {
    const rest = resources.after(after)
    page.push(...rest.slice(0, pageSize).map(({ item }) => item.listed))
    const last = rest[pageSize - 1]
    if (rest.length > pageSize && last !== undefined) nextCursor = encodeCursor(last.place)
  }
  for (const { place, item } of listing) {
    if (nextCursor !== undefined) break
    if (from !== undefined && place < from.place) continue
    const start = place === from?.place ? from.position : 0
    const all = await item.list()
    const fitting = all.slice(start, start + pageSize - page.length)
    page.push(...fitting.filter(isReadable(item, resources, serving.log.warning)))
    if (start + fitting.length < all.length) nextCursor = encodeListed(place, start + fitting.length)
  }
  const value: JsonObject = {
    resources: page.map((one) => revision.encodeResource(one)),
    ...(nextCursor !== undefined && { nextCursor }),
  }
  return { ...complete(value), ...(cache !== undefined && { cache }) }
}

function lists(placed: Placed<ResourceTemplate>): placed is Placed<Listing> {
  return placed.item.list !== undefined
}

/** What is listed can be read, and stands in the list once: a registered resource goes before a listed one. */
function isReadable(
  template: Listing,
  resources: ResourceRegistry,
  warn: (message: string) => void,
): (one: ListedResource) => boolean {
  return ({ uri }) => {
    if (resources.has(uri)) return false
    if (template.compiled.match(uri) !== undefined) return true
    warn(`resource template ${template.uriTemplate} lists ${JSON.stringify(uri)}, which it does not match: left out`)
    return false
  }
}

const PREFIX = 'listed:'

function encodeListed(place: number, position: number): string {
  return btoa(`${PREFIX}${place}:${position}`)
}

function decodeListed(cursor: unknown): { place: number; position: number } | undefined {
  if (typeof cursor !== 'string') return undefined
  let text: string
  try {
    text = atob(cursor)
  } catch {
    // not base64, so not a cursor of ours
    return undefined
  }
  const [, place, position] = /^listed:([1-9]\d{0,14}):(\d{1,15})$/.exec(text) ?? []
  return place === undefined ? undefined : { place: Number(place), position: Number(position) }
}
