import { expect, test } from 'bun:test'
import { INTERNAL_ERROR, INVALID_PARAMS, type JsonObject, METHOD_NOT_FOUND } from '@bao-mcp/protocol/engine'
import { eachEra, openPair } from '../../test/kit.ts'
import { createServer, type Server } from '../server.ts'
import type { Suggestions } from './completion-values.ts'
import { prompt } from './prompt.ts'
import { resource } from './resource.ts'
import { resourceTemplate } from './resource-template.ts'

const many = Array.from({ length: 250 }, (_, i) => `v${i}`)

function define(): Server {
  const suggestions: Record<string, () => Suggestions> = {
    many: () => many,
    paged: () => ({ values: many, total: 1000 }),
    more: () => ({ values: ['a'], hasMore: true }),
    // proof: a completer in plain JavaScript may return anything
    wrong: () => [7] as unknown as string[],
  }
  return createServer({
    name: 's',
    version: '1',
    prompts: [
      prompt({
        name: 'trip',
        arguments: [
          { name: 'country', complete: (value) => ['France', 'Vietnam'].filter((one) => one.startsWith(value)) },
          { name: 'city', complete: async (value, { arguments: { country } }) => [`${country}:${value}`] },
          { name: 'free' },
          ...Object.entries(suggestions).map(([name, complete]) => ({ name, complete })),
        ],
        run: () => '',
      }),
    ],
    resources: [resource({ uri: 'x:static', name: 'static', read: () => '' })],
    resourceTemplates: [
      resourceTemplate({
        uriTemplate: 'x:{id}/{other}',
        name: 'x',
        read: () => '',
        complete: { id: (value) => [`${value}1`] },
      }),
    ],
  })
}

const TRIP = { type: 'ref/prompt', name: 'trip' }
const TEMPLATE = { type: 'ref/resource', uri: 'x:{id}/{other}' }

eachEra((_era, open) => {
  const completed: [string, JsonObject, JsonObject][] = [
    [
      'by what was typed',
      { ref: TRIP, argument: { name: 'country', value: 'Fr' } },
      { values: ['France'], total: 1, hasMore: false },
    ],
    [
      'by what was settled',
      { ref: TRIP, argument: { name: 'city', value: 'Hu' }, context: { arguments: { country: 'Vietnam' } } },
      { values: ['Vietnam:Hu'] },
    ],
    ['without context', { ref: TRIP, argument: { name: 'city', value: 'Hu' } }, { values: ['undefined:Hu'] }],
    ['to nothing, where nothing completes it', { ref: TRIP, argument: { name: 'free', value: 'a' } }, { values: [] }],
    [
      'to 100 of many [MCP-224]',
      { ref: TRIP, argument: { name: 'many', value: '' } },
      { values: many.slice(0, 100), total: 250, hasMore: true },
    ],
    [
      'with a total of its own',
      { ref: TRIP, argument: { name: 'paged', value: '' } },
      { values: many.slice(0, 100), total: 1000, hasMore: true },
    ],
    ['with more to come', { ref: TRIP, argument: { name: 'more', value: '' } }, { values: ['a'], hasMore: true }],
    ['as a variable of a template', { ref: TEMPLATE, argument: { name: 'id', value: 'a' } }, { values: ['a1'] }],
  ]
  for (const [how, params, completion] of completed) {
    test(`an argument is completed ${how}`, async () => {
      await using pair = await open(define())
      expect(await pair.request('completion/complete', params)).toMatchObject({ completion })
    })
  }

  test('what is not known, and what is malformed, is refused', async () => {
    await using pair = await open(define())
    const argument = { name: 'country', value: '' }
    const refused: JsonObject[] = [
      {},
      { ref: TRIP },
      { ref: TRIP, argument: { name: 'country' } },
      { ref: TRIP, argument: { name: 'toString', value: '' } },
      { ref: TRIP, argument, context: { arguments: { a: 1 } } },
      { ref: TRIP, argument, context: 'x' },
      { ref: { type: 'ref/prompt', name: 'x' }, argument },
      { ref: { type: 'ref/tool', name: 'trip' }, argument },
      { ref: { type: 'ref/resource', uri: 'x:{nothing}' }, argument },
      { ref: { type: 'ref/resource', uri: 'x:static' }, argument },
      { ref: TEMPLATE, argument },
    ]
    for (const params of refused) {
      await expect(pair.request('completion/complete', params)).rejects.toMatchObject({ code: INVALID_PARAMS })
    }
  })

  test('what is no list of texts is an internal error', async () => {
    await using pair = await open(define())
    const failed = pair.request('completion/complete', { ref: TRIP, argument: { name: 'wrong', value: '' } })
    await expect(failed).rejects.toMatchObject({ code: INTERNAL_ERROR, message: expect.not.stringContaining('texts') })
  })
})

test('completions are declared once something completes, and are unknown before [MCP-215]', async () => {
  const run = (): string => ''
  const server = createServer({
    name: 's',
    version: '1',
    prompts: [prompt({ name: 'p', arguments: [{ name: 'a' }], run })],
  })
  await using pair = await openPair(server)
  const params = { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } }
  expect(server.capabilities).not.toHaveProperty('completions')
  await expect(pair.request('completion/complete', params)).rejects.toMatchObject({ code: METHOD_NOT_FOUND })
  server.prompts.replace('p', prompt({ name: 'p', arguments: [{ name: 'a', complete: () => ['x'] }], run }))
  expect(server.capabilities).toMatchObject({ completions: {} })
  expect(await pair.request('completion/complete', params)).toMatchObject({ completion: { values: ['x'] } })
})
