import { describe, expect, test } from 'bun:test'
import {
  INTERNAL_ERROR,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  METHOD_NOT_FOUND,
  PROMPTS_CHANGED,
} from '@bao-mcp/protocol/engine'
import { z } from 'zod'
import { eachEra, HANDSHAKES, MODERN, microtasks, openPair } from '../../test/kit.ts'
import { createServer, type Server } from '../server.ts'
import { type Prompt, type PromptReturn, prompt } from './prompt.ts'

function define(...prompts: Prompt[]): Server {
  return createServer({ name: 's', version: '1', prompts })
}

const greet = prompt({
  name: 'greet',
  title: 'Greeting',
  description: 'Greets.',
  arguments: [
    { name: 'who', description: 'Whom to greet.', required: true },
    { name: 'how', title: 'How' },
  ],
  run: ({ who, how = 'Hello' }) => `${how}, ${who}!`,
})

const typed = prompt({
  name: 'typed',
  arguments: z.object({ city: z.string().min(2).describe('Where.'), days: z.coerce.number().optional() }),
  run: ({ city, days = 1 }) => `${city} for ${days + 1}`,
})

const message = (text: string): JsonObject => ({ role: 'user', content: { type: 'text', text } })

eachEra((era, open) => {
  test('prompts are listed with their arguments, in order', async () => {
    await using pair = await open(define(greet, typed))
    const { prompts } = await pair.request('prompts/list')
    expect(prompts).toEqual([
      {
        name: 'greet',
        title: 'Greeting',
        description: 'Greets.',
        arguments: [
          { name: 'who', description: 'Whom to greet.', required: true },
          { name: 'how', title: 'How' },
        ],
      },
      { name: 'typed', arguments: [{ name: 'city', description: 'Where.', required: true }, { name: 'days' }] },
    ])
  })

  test('a prompt is filled in with its arguments, as its schema gives them out', async () => {
    await using pair = await open(define(greet, typed))
    const one = await pair.request('prompts/get', { name: 'greet', arguments: { who: 'Ada', extra: 'x' } })
    expect(one.messages).toEqual([message('Hello, Ada!')])
    const other = await pair.request('prompts/get', { name: 'typed', arguments: { city: 'Hue', days: '2' } })
    expect(other.messages).toEqual([message('Hue for 3')])
  })

  const returned: [string, PromptReturn, JsonObject][] = [
    [
      'messages',
      [{ role: 'assistant', content: { type: 'text', text: 'a' } }],
      { messages: [{ role: 'assistant', content: { type: 'text', text: 'a' } }] },
    ],
    ['a full result', { description: 'd', messages: [] }, { description: 'd', messages: [] }],
  ]
  for (const [what, value, result] of returned) {
    test(`a prompt may give ${what}`, async () => {
      await using pair = await open(define(prompt({ name: 'p', run: async () => value })))
      expect(await pair.request('prompts/get', { name: 'p' })).toMatchObject(result)
    })
  }

  test('unknown prompts, missing and refused arguments are invalid params [MCP-221]', async () => {
    await using pair = await open(define(greet, typed))
    const refused: [JsonObject | undefined, string][] = [
      [undefined, 'params.name'],
      [{ name: 'toString' }, 'unknown prompt: "toString"'],
      [{ name: 'greet' }, 'who: it is required'],
      [{ name: 'greet', arguments: { how: 'Hi' } }, 'who: it is required'],
      [{ name: 'greet', arguments: { who: 7 } }, 'params.arguments must be an object of strings'],
      [{ name: 'greet', arguments: ['Ada'] }, 'params.arguments must be an object of strings'],
      [{ name: 'typed', arguments: { city: 'H' } }, 'city: '],
      [{ name: 'typed' }, 'city: '],
    ]
    for (const [params, why] of refused) {
      await expect(pair.request('prompts/get', params)).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: expect.stringContaining(why),
      })
    }
  })

  test('an unexpected failure is told under a reference only, and so is what is no prompt', async () => {
    const failing = prompt({
      name: 'failing',
      run() {
        throw new Error('the password is swordfish')
      },
    })
    // proof: a handler in plain JavaScript may return anything
    const wrong = prompt({ name: 'wrong', run: () => [{ role: 'system' }] as unknown as string })
    await using pair = await open(define(failing, wrong))
    for (const name of ['failing', 'wrong']) {
      const error: unknown = await pair.request('prompts/get', { name }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: INTERNAL_ERROR })
      expect(String(error)).not.toContain('swordfish')
    }
    expect(pair.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
  })

  test('a prompt may ask [MCP-177, MCP-178]', async () => {
    const asking = prompt({
      name: 'asking',
      async run(_args, { ask }) {
        const { roots } = await ask('where', { method: 'roots/list' })
        return `in ${roots.map(({ uri }) => uri).join()}`
      },
    })
    await using pair = await open(define(asking), { answer: () => ({ roots: [{ uri: 'file:///a' }] }) })
    const { messages } = await pair.settled('prompts/get', { name: 'asking' })
    expect(messages).toEqual([message('in file:///a')])
  })

  test('a server without prompts declares none and knows none of their methods [MCP-215]', async () => {
    const server = createServer({ name: 's', version: '1' })
    await using pair = await open(server)
    expect(server.capabilities).not.toHaveProperty('prompts')
    for (const method of ['prompts/list', 'prompts/get']) {
      await expect(pair.request(method, { name: 'a' })).rejects.toMatchObject({ code: METHOD_NOT_FOUND })
    }
    server.prompts.add(greet)
    expect(server.capabilities).toHaveProperty('prompts')
    expect((await pair.request('prompts/list')).prompts).toMatchObject([{ name: 'greet' }])
  })

  test('a changed list of prompts is told once per tick [MCP-176]', async () => {
    const server = define(greet)
    await using pair = await open(server)
    const over = new AbortController()
    const listening =
      era === 'modern'
        ? pair.request('subscriptions/listen', { notifications: { promptsListChanged: true } }, { signal: over.signal })
        : undefined
    await microtasks()
    pair.forget()
    server.prompts.rename('greet', 'salute')
    server.prompts.disable('salute')
    await microtasks()
    expect(pair.notices).toMatchObject([{ method: PROMPTS_CHANGED }])
    over.abort()
    if (listening !== undefined) await expect(listening).rejects.toThrow()
  })
})

describe('what is told of a prompt', () => {
  for (const version of [...HANDSHAKES, MODERN]) {
    test(`is what ${version} knows`, async () => {
      const full = prompt({
        name: 'p',
        title: 'P',
        icons: [{ src: 'https://example.com/i.png' }],
        _meta: { 'example.com/a': 1 },
        arguments: [{ name: 'a', title: 'A' }],
        run: () => [{ role: 'user', content: { type: 'audio', data: '', mimeType: 'audio/wav' } }],
      })
      await using pair = await openPair(define(full), { version })
      const { prompts } = await pair.request('prompts/list')
      const [listed]: unknown[] = Array.isArray(prompts) ? prompts : []
      const known = ['arguments', 'name']
      if (version >= '2025-06-18') known.push('_meta', 'title')
      if (version >= '2025-11-25') known.push('icons')
      expect(isJsonObject(listed) ? Object.keys(listed).sort() : []).toEqual(known.sort())
      const title = version >= '2025-06-18' && { title: 'A' }
      expect(listed).toMatchObject({ arguments: [{ name: 'a', ...title }] })
      const { messages } = await pair.request('prompts/get', { name: 'p' })
      const type = version === '2024-11-05' ? 'text' : 'audio'
      expect(messages).toMatchObject([{ role: 'user', content: { type } }])
    })
  }
})

test('a prompt that cannot be one is refused where it is given', () => {
  const run = (): string => ''
  expect(() => prompt({ name: '', run })).toThrow('a prompt needs a name')
  expect(() => prompt({ name: 'p', arguments: z.string(), run })).toThrow('must be for an object')
  expect(() => prompt({ name: 'p', arguments: [{ name: 'a' }, { name: 'a' }], run })).toThrow(
    'two arguments are called "a"',
  )
  expect(() => prompt({ name: 'p', complete: { b: () => [] }, run })).toThrow(
    'it completes "b", which it does not have',
  )
})
