import { describe, expect, test } from 'bun:test'
import { type Complete, INVALID_PARAMS, isJsonObject, RpcError } from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import fc from 'fast-check'
import { eachEra, gate, microtasks, namesOf, textOf } from '../../test/kit.ts'
import { createChanges } from '../changes.ts'
import { createServer } from '../server.ts'
import { type Tool, tool } from './tool.ts'
import { createToolRegistry, type ToolRegistry } from './tools.ts'

const named = (name: string, text: string = name): Tool => tool({ name, run: () => text })

function modern(): Revision {
  const [revision] = statelessRevisions
  if (revision === undefined) throw new Error('there is no stateless revision')
  return revision
}

function registry(...names: string[]): ToolRegistry {
  const tools = createToolRegistry(createChanges(), 2)
  tools.add(...names.map((name) => named(name)))
  return tools
}

/** All pages from a cursor on. */
function walk(tools: ToolRegistry, revision: Revision = modern()): string[][] {
  const pages: string[][] = []
  let cursor: unknown
  do {
    const { value } = tools.list(revision, cursor)
    pages.push(namesOf(value))
    cursor = value.nextCursor
  } while (cursor !== undefined)
  return pages
}

const AWKWARD_NAMES = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '10',
  '9',
  '-1',
  'ünïcode',
  'with space',
]

describe('the registry', () => {
  test('lists tools in the order they were added, whatever they are called [MCP-162]', () => {
    const tools = registry(...AWKWARD_NAMES)
    expect(tools.names()).toEqual(AWKWARD_NAMES)
    expect(walk(tools).flat()).toEqual(AWKWARD_NAMES)
    for (const name of AWKWARD_NAMES) expect(tools.get(name)?.name).toBe(name)
  })

  test('has no tool that nobody added', () => {
    const tools = registry()
    for (const name of AWKWARD_NAMES) {
      expect(tools.has(name)).toBe(false)
      expect(tools.get(name)).toBeUndefined()
      expect(tools.remove(name)).toBe(false)
    }
  })

  test('refuses a name that is taken, and then adds none of the others either', () => {
    const tools = registry('a')
    expect(() => tools.add(named('b'), named('a'))).toThrow('there already is a tool "a"')
    expect(() => tools.add(named('c'), named('c'))).toThrow('two tools are called "c"')
    expect(tools.names()).toEqual(['a'])
  })

  test('keeps the place of a tool that is renamed, also twice', () => {
    const tools = registry('a', 'b', 'c')
    tools.rename('b', 'x')
    tools.rename('x', 'constructor')
    expect(walk(tools)).toEqual([['a', 'constructor'], ['c']])
    expect(tools.has('b')).toBe(false)
    expect(tools.get('constructor')).toMatchObject({ name: 'constructor', listed: { name: 'constructor' } })
    tools.rename('constructor', 'b')
    expect(tools.names()).toEqual(['a', 'b', 'c'])
  })

  test('gives a freed name away again', () => {
    const tools = registry('a', 'b')
    tools.rename('a', 'c')
    tools.add(named('a', 'second'))
    expect(tools.names()).toEqual(['c', 'b', 'a'])
  })

  test('renames nothing that is not there and to no name that is taken', () => {
    const tools = registry('a', 'b')
    expect(() => tools.rename('x', 'y')).toThrow('there is no tool "x"; there are: a, b')
    expect(() => tools.rename('a', 'b')).toThrow('there already is a tool "b"')
    tools.rename('a', 'a')
    expect(tools.names()).toEqual(['a', 'b'])
  })

  test('replaces a tool in its place, under its own or another name', () => {
    const tools = registry('a', 'b', 'c')
    tools.replace('b', named('b', 'second'))
    expect(tools.names()).toEqual(['a', 'b', 'c'])
    tools.replace('b', named('d'))
    expect(tools.names()).toEqual(['a', 'd', 'c'])
    expect(() => tools.replace('a', named('c'))).toThrow('there already is a tool "c"')
    expect(() => tools.replace('x', named('x'))).toThrow('there is no tool "x"')
    expect(tools.names()).toEqual(['a', 'd', 'c'])
  })

  test('neither lists nor hands out a disabled tool, and keeps its place', () => {
    const tools = registry('a', 'b', 'c')
    tools.disable('b')
    expect(walk(tools).flat()).toEqual(['a', 'c'])
    expect(tools.get('b')).toBeUndefined()
    expect(tools.has('b')).toBe(true)
    tools.rename('b', 'd')
    expect(tools.get('d')).toBeUndefined()
    tools.enable('d')
    expect(walk(tools).flat()).toEqual(['a', 'd', 'c'])
    tools.enable('d', false)
    expect(tools.names()).toEqual(['a', 'd', 'c'])
    expect(() => tools.enable('x')).toThrow('there is no tool "x"')
    expect(() => tools.disable('x')).toThrow('there is no tool "x"')
  })

  test('gives the same page object until something changes', () => {
    const tools = registry('a', 'b', 'c')
    const first = tools.list(modern(), undefined)
    expect(tools.list(modern(), null)).toBe(first)
    expect(tools.list(modern(), first.value.nextCursor)).toBe(tools.list(modern(), first.value.nextCursor))
    tools.disable('c')
    expect(tools.list(modern(), undefined)).not.toBe(first)
  })

  test('keeps no page for a cursor that somebody made up', () => {
    const tools = registry('a', 'b', 'c', 'd', 'e')
    for (let cursor: unknown; ; ) {
      cursor = tools.list(modern(), cursor).value.nextCursor
      if (cursor === undefined) break
    }
    const list = (place: number): Complete => tools.list(modern(), btoa(`after:${place}`))
    const places = [1, 2, 3, 4, 5, 6, 1e9]
    const before = places.map(list)
    const kept = places.filter((place, i) => list(place) === before[i])
    // every place of a long list begins another page, and all of them together are far larger than the list
    expect(kept).toEqual([2, 4])
  })

  test('lists for each revision what it knows', () => {
    const tools = createToolRegistry(createChanges())
    tools.add(
      tool({ name: 'a', title: 'A', annotations: { readOnlyHint: true }, output: { type: 'object' }, run: () => ({}) }),
    )
    const listed = handshakeRevisions.map((revision) => {
      const { value } = tools.list(revision, undefined)
      const [first]: unknown[] = Array.isArray(value.tools) ? value.tools : []
      return isJsonObject(first) ? Object.keys(first) : []
    })
    expect(listed).toEqual([
      ['name', 'title', 'inputSchema', 'outputSchema', 'annotations'],
      ['name', 'title', 'inputSchema', 'outputSchema', 'annotations'],
      ['name', 'inputSchema', 'annotations'],
      ['name', 'inputSchema'],
    ])
  })

  test('refuses a page size below 1', () => {
    for (const pageSize of [0, -1, Number.NaN]) {
      expect(() => createServer({ name: 's', version: '1', pageSize })).toThrow('pageSize must be at least 1')
    }
  })
})

describe('a walk through the pages', () => {
  test('goes on where it was when tools before the cursor are removed or renamed [MCP-166]', () => {
    const tools = registry('a', 'b', 'c', 'd', 'e')
    const { nextCursor } = tools.list(modern(), undefined).value
    tools.remove('a')
    tools.remove('b')
    tools.rename('d', 'x')
    tools.add(named('f'))
    expect(namesOf(tools.list(modern(), nextCursor).value)).toEqual(['c', 'x'])
  })

  test('never shows a tool twice and misses none that stays, whatever changes meanwhile', () => {
    type Change = ['add' | 'remove' | 'rename' | 'replace' | 'toggle', number]
    const change: fc.Arbitrary<Change> = fc.tuple(
      fc.constantFrom('add', 'remove', 'rename', 'replace', 'toggle'),
      fc.nat(20),
    )
    // between any two pages, a few changes
    const interleaving = fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(10), interleaving, (pageSize, size, rounds) => {
        const tools = createToolRegistry(createChanges(), pageSize)
        // each tool says who it is, under whatever name
        let born = 0
        const make = (name: string): Tool => tool({ name, description: `tool ${born++}`, run: () => name })
        for (let i = 0; i < size; i++) tools.add(make(`n${i}`))
        const identities = new Map<string, string>()
        const who = (name: string): string => identities.get(name) ?? name
        const untouched = new Set(tools.names())

        function apply([kind, at]: Change): void {
          const names = tools.names()
          const name = names[at % Math.max(1, names.length)]
          if (kind === 'add') return tools.add(make(`n${born}`))
          if (name === undefined) return
          untouched.delete(who(name))
          if (kind === 'remove') return void tools.remove(name)
          if (kind === 'replace') return tools.replace(name, make(name))
          if (kind === 'toggle') return tools.enable(name, tools.get(name) === undefined)
          const to = `n${born++}`
          identities.set(to, who(name))
          tools.rename(name, to)
        }

        const seen: string[] = []
        let cursor: unknown
        let round = 0
        do {
          const { value } = tools.list(modern(), cursor)
          seen.push(...namesOf(value).map(who))
          cursor = value.nextCursor
          for (const one of rounds[round++] ?? []) apply(one)
        } while (cursor !== undefined)

        expect(new Set(seen).size).toBe(seen.length)
        for (const name of untouched) expect(seen).toContain(name)
      }),
    )
  })
})

eachEra((_era, open) => {
  test('a page is followed by the next, and the last has no cursor', async () => {
    const server = createServer({
      name: 's',
      version: '1',
      pageSize: 2,
      tools: ['a', 'b', 'c'].map((name) => named(name)),
    })
    await using pair = await open(server)
    const first = await pair.request('tools/list')
    expect(namesOf(first)).toEqual(['a', 'b'])
    const second = await pair.request('tools/list', { cursor: first.nextCursor })
    expect(namesOf(second)).toEqual(['c'])
    expect(second).not.toHaveProperty('nextCursor')
  })

  test('a cursor that no list gave out is refused [MCP-166]', async () => {
    await using pair = await open(createServer({ name: 's', version: '1', tools: [named('a')] }))
    for (const cursor of ['', 'garbage', 1, true, {}]) {
      const refused = pair.request('tools/list', { cursor })
      await expect(refused).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining('params.cursor'),
      })
    }
  })

  test('every list is the same for everybody, on whatever connection [MCP-161]', async () => {
    const server = createServer({ name: 's', version: '1', tools: [named('a'), named('b')] })
    await using one = await open(server)
    await using other = await open(server, { capabilities: {} })
    const before = await one.request('tools/list')
    await one.call('a')
    await other.call('b')
    expect(await one.request('tools/list')).toEqual(before)
    expect(await other.request('tools/list')).toEqual(before)
  })

  test('a running call keeps the tool it began with, whatever happens to it', async () => {
    const held = gate()
    const started = gate()
    const slow = tool({
      name: 'slow',
      input: { type: 'object', properties: { n: { type: 'number' } } },
      async run({ n }) {
        started.open()
        await held.opened
        return `first ${n}`
      },
    })
    const server = createServer({ name: 's', version: '1', tools: [slow] })
    await using pair = await open(server)
    const running = pair.call('slow', { n: 1 })
    await started.opened
    server.tools.replace('slow', named('slow', 'second'))
    expect(textOf(await pair.call('slow'))).toBe('second')
    server.tools.rename('slow', 'other')
    await expect(pair.call('slow')).rejects.toMatchObject({ code: INVALID_PARAMS })
    server.tools.disable('other')
    await expect(pair.call('other')).rejects.toMatchObject({ code: INVALID_PARAMS })
    server.tools.remove('other')
    held.open()
    expect(textOf(await running)).toBe('first 1')
  })

  test('tools of any name can be called, and no others [MCP-209]', async () => {
    const server = createServer({ name: 's', version: '1', tools: AWKWARD_NAMES.map((name) => named(name)) })
    await using pair = await open(server)
    for (const name of AWKWARD_NAMES) expect(textOf(await pair.call(name))).toBe(name)
    for (const name of ['valueOf', '', 'prototype', 'Constructor']) {
      const refused = pair.call(name)
      await expect(refused).rejects.toThrow(new RpcError(INVALID_PARAMS, `unknown tool: ${JSON.stringify(name)}`))
    }
  })

  test('a tool may change the registry it stands in', async () => {
    const server = createServer({
      name: 's',
      version: '1',
      tools: [
        tool({
          name: 'unlock',
          run() {
            server.tools.add(named('treasure'))
            server.tools.remove('unlock')
            return 'open'
          },
        }),
      ],
    })
    await using pair = await open(server)
    expect(textOf(await pair.call('unlock'))).toBe('open')
    expect(namesOf(await pair.request('tools/list'))).toEqual(['treasure'])
    expect(textOf(await pair.call('treasure'))).toBe('treasure')
  })
})

test('all changes of one tick are told once, after it', async () => {
  const changes = createChanges()
  const tools = createToolRegistry(changes)
  let told = 0
  const stop = changes.subscribe(() => told++)
  tools.add(named('a'), named('b'))
  tools.rename('a', 'c')
  tools.disable('b')
  tools.replace('c', named('c'))
  tools.remove('c')
  expect(told).toBe(0)
  await microtasks()
  expect(told).toBe(1)
  tools.enable('b')
  await microtasks()
  expect(told).toBe(2)
  // neither of these changes anything
  tools.enable('b')
  tools.remove('x')
  tools.add()
  await microtasks()
  expect(told).toBe(2)
  stop()
  tools.disable('b')
  await microtasks()
  expect(told).toBe(2)
})
