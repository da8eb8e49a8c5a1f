import { expect } from 'bun:test'
import type { HttpDriver, ListKind } from '../drivers/http-driver.ts'
import { PNG, WATCHED, WAV } from '../fixtures/texts.ts'
import { failureOf } from '../scenarios.ts'

/** What an official client does with our server, in the version it speaks. */
export type Scenario = (client: HttpDriver, version: string) => Promise<void>

const KINDS: ListKind[] = ['tools', 'prompts', 'resources', 'resourceTemplates']
const PAGE_SIZE = 5

export const reading: Readonly<Record<string, Scenario>> = {
  async 'gets every kind of content of a tool that its version has'(client, version) {
    const { content } = Object(await client.raw('media'))
    expect(content.slice(0, 4)).toMatchObject([
      { type: 'text', text: 'words' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      { type: 'audio', data: WAV, mimeType: 'audio/wav' },
      { type: 'resource', resource: { uri: 'x:embedded', mimeType: 'text/plain', text: 'within' } },
    ])
    expect(content).toHaveLength(5)
    // links came with 2025-06-18; before it they are told as text
    if (version < '2025-06-18')
      expect(content[4]).toMatchObject({ type: 'text', text: expect.stringContaining(WATCHED) })
    else expect(content[4]).toMatchObject({ type: 'resource_link', uri: WATCHED, name: 'watched' })
  },

  async 'gets structured output where its version has it, and its text everywhere'(client, version) {
    const answer = await client.call('sum', { a: 40, b: 2 })
    expect(answer.text).toContain('42')
    expect(answer.structured).toEqual(version < '2025-06-18' ? undefined : { sum: 42 })
  },

  async 'walks all pages of every list'(client) {
    for (const kind of KINDS) {
      const names: string[] = []
      let pages = 0
      let cursor: string | undefined
      do {
        const page = await client.list(kind, cursor)
        expect(page.names.length).toBeLessThanOrEqual(PAGE_SIZE)
        names.push(...page.names)
        pages++
        cursor = page.nextCursor
      } while (cursor !== undefined)
      expect(new Set(names).size).toBe(names.length)
      expect(pages).toBe(Math.ceil(names.length / PAGE_SIZE))
      if (kind === 'tools') expect(names).toEqual(expect.arrayContaining(['echo', 'media', 'add_all']))
    }
  },

  async 'is refused a cursor that is none [MCP-166]'(client) {
    await expect(client.list('tools', 'no cursor')).rejects.toMatchObject({ code: -32602 })
  },

  async 'reads a text, bytes and a resource of a template'(client) {
    expect(await client.read(WATCHED)).toMatchObject({
      contents: [{ uri: WATCHED, mimeType: 'text/plain', text: 'as it is' }],
    })
    expect(await client.read('x:bytes')).toMatchObject({ contents: [{ mimeType: 'image/png', blob: PNG }] })
    expect(await client.read('weather:Hue')).toMatchObject({ contents: [{ text: 'sunny in Hue' }] })
    expect((await client.list('resourceTemplates')).names).toEqual(['weather'])
  },

  async 'is told by a code that there is no such resource, which the official v2 client replaces'(client, version) {
    const failure = await failureOf(client.read('x:nothing'))
    const sent = version < '2026' ? -32002 : -32602
    expect(failure).toMatchObject({ code: client.generation === 1 ? sent : -32602 })
    expect(String(failure)).toContain('x:nothing')
  },

  async 'gets prompts, and is refused one without the argument it needs'(client) {
    expect(await client.prompt('forecast', { city: 'Hue' })).toMatchObject({
      messages: [{ role: 'user', content: { type: 'text', text: 'How is Hue?' } }],
    })
    expect(await client.prompt('other')).toMatchObject({ messages: [{ role: 'assistant' }] })
    await expect(client.prompt('forecast', {})).rejects.toMatchObject({ code: -32602 })
    await expect(client.prompt('no such prompt')).rejects.toMatchObject({ code: -32602 })
  },

  async 'has arguments of prompts and templates completed'(client) {
    expect(await client.complete({ prompt: 'forecast' }, 'city', 'H')).toEqual(['Hanoi', 'Hue', 'Ha Giang'])
    expect(await client.complete({ template: 'weather:{city}' }, 'city', 'Da')).toEqual(['Da Nang'])
  },

  async 'hears the log messages of a call from the level on that it has chosen'(client) {
    const { logs } = client.heard
    logs.clear()
    await client.callLogging('debug', 'logs')
    await logs.until(({ level }) => level === 'error')
    expect(logs.items.map(({ level }) => level)).toEqual(['debug', 'info', 'warning', 'error'])
    expect(logs.items[0]).toMatchObject({ data: { said: 'debug' }, logger: 'logs' })
    logs.clear()
    await client.callLogging('warning', 'logs')
    await logs.until(({ level }) => level === 'error')
    expect(logs.items.map(({ level }) => level)).toEqual(['warning', 'error'])
  },

  async 'gets a sign of life'(client) {
    await client.ping()
  },

  async 'has an argument repeated in a header where its version does that'(client) {
    // it learns from the list which argument that is
    await client.listTools()
    expect(await client.call('region', { region: 'Huế, the old capital' })).toMatchObject({
      text: 'in Huế, the old capital',
      isError: false,
    })
  },
}
