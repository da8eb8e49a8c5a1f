import { describe, expect, test } from 'bun:test'
import { INVALID_PARAMS, isJsonObject, type JsonObject } from '@bao-mcp/protocol/engine'
import { eachEra, openPair, type Pair } from '../../test/kit.ts'
import { createServer, type ServerOptions } from '../server.ts'
import { resource } from './resource.ts'
import { type ResourceTemplate, type ResourceTemplateDefinition, resourceTemplate } from './resource-template.ts'

function notes(more: Partial<ResourceTemplateDefinition> = {}): ResourceTemplate {
  return resourceTemplate({
    uriTemplate: 'notes://{id}',
    name: 'notes',
    read: (variables) => JSON.stringify(variables),
    ...more,
  })
}

const listed = (...ids: string[]): { uri: string; name: string }[] =>
  ids.map((id) => ({ uri: `notes://${id}`, name: id }))

function define(more: Partial<ServerOptions>): Parameters<typeof openPair>[0] {
  return createServer({ name: 's', version: '1', ...more })
}

function urisOf({ resources }: JsonObject): unknown[] {
  return Array.isArray(resources) ? resources.map((one) => one.uri) : []
}

async function pagesOf(pair: Pair): Promise<unknown[][]> {
  const pages: unknown[][] = []
  let cursor: unknown
  do {
    const page = await pair.request('resources/list', cursor === undefined ? {} : { cursor })
    pages.push(urisOf(page))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return pages
}

eachEra((era, open) => {
  test('a template is listed, and reads what matches with its variables decoded', async () => {
    await using pair = await open(
      define({ resourceTemplates: [notes({ title: 'Notes', mimeType: 'application/json' })] }),
    )
    const { resourceTemplates } = await pair.request('resources/templates/list')
    expect(resourceTemplates).toEqual([
      { uriTemplate: 'notes://{id}', name: 'notes', title: 'Notes', mimeType: 'application/json' },
    ])
    const uri = 'notes://a%2Fb'
    const { contents } = await pair.request('resources/read', { uri })
    expect(contents).toEqual([{ uri, mimeType: 'application/json', text: '{"id":"a/b"}' }])
  })

  test('a resource goes before a template, and templates go in their order', async () => {
    const server = define({
      resources: [resource({ uri: 'notes://1', name: 'one', read: () => 'the one' })],
      resourceTemplates: [
        notes({ read: () => 'first' }),
        notes({ uriTemplate: 'notes://{+id}', read: () => 'second' }),
      ],
    })
    await using pair = await open(server)
    const texts = ['notes://1', 'notes://2', 'notes://2/3'].map(async (uri) => {
      const { contents } = await pair.request('resources/read', { uri })
      return Array.isArray(contents) ? contents[0]?.text : undefined
    })
    expect(await Promise.all(texts)).toEqual(['the one', 'first', 'second'])
    server.resources.disable('notes://1')
    await expect(pair.request('resources/read', { uri: 'notes://1' })).rejects.toMatchObject({
      data: { uri: 'notes://1' },
    })
  })

  test('what matches no template, or is nothing to the one it matches, is not found [MCP-216, MCP-217]', async () => {
    await using pair = await open(define({ resourceTemplates: [notes({ read: () => undefined })] }))
    const code = era === 'modern' ? INVALID_PARAMS : -32002
    for (const uri of ['notes://a/b', 'notes://a']) {
      await expect(pair.request('resources/read', { uri })).rejects.toMatchObject({ code, data: { uri } })
    }
  })

  test('templates change while the server runs', async () => {
    const server = define({ resourceTemplates: [] })
    await using pair = await open(server)
    server.resources.templates.add(notes())
    server.resources.templates.rename('notes://{id}', 'x:{name}')
    expect((await pair.request('resources/read', { uri: 'x:a' })).contents).toEqual([
      { uri: 'x:a', text: '{"name":"a"}' },
    ])
    const { resourceTemplates } = await pair.request('resources/templates/list')
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'x:{name}' }])
  })

  test('what templates list stands after the resources, in pages, and everything listed once', async () => {
    const server = define({
      pageSize: 2,
      resources: ['notes://x', 'notes://b', 'notes://y'].map((uri) => resource({ uri, name: uri, read: () => uri })),
      resourceTemplates: [
        notes({ list: async () => listed('a', 'b', 'c', 'd') }),
        notes({ uriTemplate: 'none:{a}' }),
        notes({ uriTemplate: 'notes://z/{id}', list: () => listed('z/1') }),
      ],
    })
    await using pair = await open(server)
    const pages = await pagesOf(pair)
    expect(pages.flat()).toEqual(['x', 'b', 'y', 'a', 'c', 'd', 'z/1'].map((id) => `notes://${id}`))
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(2)
    for (const uri of pages.flat()) await pair.request('resources/read', { uri })
  })

  test('a walk goes on where templates come and go', async () => {
    const server = define({ pageSize: 1, resourceTemplates: [notes({ list: () => listed('a', 'b') })] })
    await using pair = await open(server)
    const { nextCursor } = await pair.request('resources/list')
    server.resources.templates.add(notes({ uriTemplate: 'notes://z/{id}', list: () => listed('z/1') }))
    server.resources.templates.remove('notes://{id}')
    expect(urisOf(await pair.request('resources/list', { cursor: nextCursor }))).toEqual(['notes://z/1'])
    server.resources.templates.remove('notes://z/{id}')
    expect(urisOf(await pair.request('resources/list', { cursor: nextCursor }))).toEqual([])
  })

  test('a cursor that no list of resources gave out is refused [MCP-166]', async () => {
    await using pair = await open(define({ resourceTemplates: [notes({ list: () => listed('a') })] }))
    for (const cursor of ['', 'x', 1, btoa('listed:0:1'), btoa('listed:1'), btoa('listed:1:-1')]) {
      await expect(pair.request('resources/list', { cursor })).rejects.toMatchObject({ code: INVALID_PARAMS })
    }
  })

  test('what a template lists and does not match is left out, and the log says so', async () => {
    await using pair = await open(define({ resourceTemplates: [notes({ list: () => listed('a', 'b/c') })] }))
    expect(await pagesOf(pair)).toEqual([['notes://a']])
    expect(pair.log.lines).toMatchObject([{ level: 'warning', message: expect.stringContaining('"notes://b/c"') }])
  })
})

describe('a template', () => {
  test('that is none is refused where it is given', () => {
    expect(() => notes({ uriTemplate: 'notes://{id' })).toThrow('a "{" is not closed')
    // proof: somebody without types may leave it out
    expect(() => notes({ uriTemplate: undefined as unknown as string })).toThrow('it needs a URI template')
  })

  test('lists for each revision what it knows', async () => {
    const icons = [{ src: 'https://example.com/i.png' }]
    const list = (): JsonObject[] & { uri: string; name: string }[] => [
      { uri: 'notes://a', name: 'a', title: 'A', icons },
    ]
    const server = define({ resourceTemplates: [notes({ title: 'N', icons, list })] })
    for (const version of ['2024-11-05', '2025-06-18', '2025-11-25']) {
      await using pair = await openPair(server, { version })
      const { resourceTemplates } = await pair.request('resources/templates/list')
      const { resources } = await pair.request('resources/list')
      for (const all of [resourceTemplates, resources]) {
        const [one]: unknown[] = Array.isArray(all) ? all : []
        const members = isJsonObject(one) ? Object.keys(one) : []
        expect(members.includes('title')).toBe(version >= '2025-06-18')
        expect(members.includes('icons')).toBe(version >= '2025-11-25')
      }
    }
  })
})
