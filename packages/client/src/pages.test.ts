import { describe, expect, test } from 'bun:test'
import { InvalidResultError, type JsonObject, RpcError } from '@bao-mcp/protocol/engine'
import { collectPages, isNamed, type ListToWalk, walkPages } from './pages.ts'
import { failure } from './testing/failure.test.kit.ts'

/** A list whose pages are given by cursor; undefined is the first. */
function listOf(
  page: (cursor: unknown) => JsonObject,
  maxPages?: number,
): ListToWalk<{ name: string }> & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    asked,
    method: 'tools/list',
    member: 'tools',
    isItem: isNamed,
    maxPages,
    async fetch(params) {
      asked.push(params)
      return page(params?.cursor)
    },
  }
}

const a = { name: 'a' }
const b = { name: 'b' }

describe('all pages', () => {
  test('[MCP-163] [MCP-164] are walked in order, by cursors as they came, the empty one included', async () => {
    const list = listOf((cursor) => (cursor === undefined ? { tools: [a], nextCursor: '' } : { tools: [b] }))
    expect(await collectPages(list)).toEqual([a, b])
    expect(list.asked).toEqual([undefined, { cursor: '' }])
  })

  test('end with a cursor that is null, as some servers write it', async () => {
    expect(await collectPages(listOf(() => ({ tools: [a], nextCursor: null })))).toEqual([a])
  })

  test('[MCP-163] may be empty on the way', async () => {
    const list = listOf((cursor) => (cursor === undefined ? { tools: [], nextCursor: 'x' } : { tools: [b] }))
    expect(await collectPages(list)).toEqual([b])
  })

  test('that never end are given up, naming the limit', async () => {
    let next = 0
    const list = listOf(() => ({ tools: [a], nextCursor: String(next++) }), 5)
    const error = await failure(collectPages(list))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.message).toContain('more than 5 pages (maxPages)')
    expect(list.asked).toHaveLength(5)
  })

  test('that go in a circle are given up as soon as a cursor comes twice', async () => {
    const list = listOf((cursor) => ({ tools: [a], nextCursor: cursor === 'x' ? 'y' : 'x' }))
    const error = await failure(collectPages(list))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.message).toContain('the cursor "x" comes twice')
    expect(list.asked).toHaveLength(3)
  })

  test('[MCP-158] are dropped and walked once more when a cursor is refused', async () => {
    let refusals = 1
    const list = listOf((cursor) => {
      if (cursor === undefined) return { tools: [a], nextCursor: 'x' }
      if (refusals-- > 0) throw new RpcError(-32602, 'Invalid cursor')
      return { tools: [b] }
    })
    expect(await collectPages(list)).toEqual([a, b])
  })

  test('are given up when a cursor is refused again', async () => {
    const list = listOf((cursor) => {
      if (cursor === undefined) return { tools: [a], nextCursor: 'x' }
      throw new RpcError(-32602, 'Invalid cursor')
    })
    expect(await failure(collectPages(list))).toMatchObject({ code: -32602 })
    expect(list.asked).toHaveLength(4)
  })

  test('are not walked again when the first one is refused', async () => {
    const list = listOf(() => {
      throw new RpcError(-32602, 'no')
    })
    expect(await failure(collectPages(list))).toMatchObject({ code: -32602 })
    expect(list.asked).toHaveLength(1)
  })
})

describe('a page', () => {
  test.each<[string, JsonObject, string]>([
    ['without items', {}, 'its tools must be an array'],
    ['with something else', { tools: {} }, 'its tools must be an array'],
    ['with an item that has no name', { tools: [a, { title: 'x' }] }, 'tools[1]'],
    ['with a cursor that is no string', { tools: [], nextCursor: 1 }, 'nextCursor must be a string'],
  ])('%s is an invalid result', async (_, page, expected) => {
    const error = await failure(collectPages(listOf(() => page)))
    if (!(error instanceof InvalidResultError)) throw error
    expect(error.message).toContain(expected)
  })

  test('is only fetched when it is wanted', async () => {
    const list = listOf(() => ({ tools: [a], nextCursor: 'x' }))
    for await (const page of walkPages(list)) {
      expect(page).toEqual([a])
      break
    }
    expect(list.asked).toHaveLength(1)
  })
})
