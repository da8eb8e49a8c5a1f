import { describe, expect, test } from 'bun:test'
import { type Change, type Client, type ConnectOptions, connect, memory } from '@bao-mcp/client'
import type { Era } from '@bao-mcp/protocol/revisions'
import { eras, settle } from '@bao-mcp/protocol/testing'
import {
  createServer,
  prompt,
  resource,
  resourceTemplate,
  type Server,
  serveChannel,
  type Tool,
  tool,
} from '@bao-mcp/server'
import { z } from 'zod'

/** A server with one of everything whose lists may be kept, and how often pages of its tools were asked for. */
function make(): { server: Server; pages: () => number } {
  let pages = 0
  const server = createServer({
    name: 'features',
    version: '1.0.0',
    pageSize: 1,
    listCache: { ttlMs: 60_000, cacheScope: 'public' },
    middleware: [
      (request, next) => {
        if (request.method === 'tools/list') pages++
        return next(request)
      },
    ],
    tools: [adder('add'), adder('plus')],
    resources: [resource({ uri: 'note:///today', name: 'today', read: () => 'sunny' })],
    resourceTemplates: [
      resourceTemplate({ uriTemplate: 'note:///{day}/text', name: 'note', read: ({ day }) => `on ${day}` }),
    ],
    prompts: [
      prompt({
        name: 'review',
        arguments: [{ name: 'tone', complete: (start) => ['kind', 'keen'].filter((one) => one.startsWith(start)) }],
        run: ({ tone = 'plain' }) => `Be ${tone}.`,
      }),
    ],
  })
  return { server, pages: () => pages }
}

function adder(name: string): Tool {
  return tool({
    name,
    input: z.object({ a: z.number(), b: z.number() }),
    output: z.object({ sum: z.number() }),
    run: ({ a, b }) => ({ sum: a + b }),
  })
}

function open(server: Server, era: Era, options: ConnectOptions = {}): Promise<Client> {
  return connect(
    memory((channel) => void serveChannel(server, channel)),
    { pin: era, ...options },
  )
}

describe.each([...eras])('our client with our server in the %s era', (era) => {
  test('everything the server has is listed, read, filled in and completed', async () => {
    const { server } = make()
    await using client = await open(server, era)
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['add', 'plus'])
    expect((await client.listResources()).map(({ uri }) => uri)).toEqual(['note:///today'])
    expect((await client.listResourceTemplates()).map(({ name }) => name)).toEqual(['note'])
    expect((await client.listPrompts()).map(({ name }) => name)).toEqual(['review'])
    expect((await client.readResource('note:///monday/text')).contents[0]).toMatchObject({ text: 'on monday' })
    expect((await client.getPrompt('review', { tone: 'kind' })).messages[0]?.content).toMatchObject({
      text: 'Be kind.',
    })
    const ref = { type: 'ref/prompt', name: 'review' } as const
    expect(await client.complete(ref, { name: 'tone', value: 'ki' })).toMatchObject({ values: ['kind'] })
    expect((await client.discover()).server).toMatchObject({ name: 'features' })
  })

  test('the structured output of a tool fits the schema it is listed with', async () => {
    const { server } = make()
    await using client = await open(server, era)
    await client.listTools()
    expect((await client.callTool('add', { a: 1, b: 2 })).structured).toEqual({ sum: 3 })
  })

  test('a change of the tools is told, and what was kept is read again', async () => {
    const { server } = make()
    const told = Promise.withResolvers<Change>()
    await using client = await open(server, era)
    await client.listTools()
    const subscription = await client.listen({ tools: true, prompts: true }, told.resolve)
    expect(subscription.honoured).toMatchObject({ tools: true, prompts: true })
    server.tools.add(adder('sum'))
    expect(await told.promise).toEqual({ kind: 'tools', missed: false })
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['add', 'plus', 'sum'])
    await subscription.stop()
  })

  test('an update of a resource is told to who subscribed, until they take it back', async () => {
    const { server } = make()
    const updated: string[] = []
    let told = Promise.withResolvers<void>()
    await using client = await open(server, era, {
      onResourceUpdated(uri) {
        updated.push(uri)
        told.resolve()
      },
    })
    await client.subscribe('note:///today')
    server.resources.updated('note:///today')
    await told.promise
    await client.unsubscribe('note:///today')
    await client.ping()
    told = Promise.withResolvers()
    server.resources.updated('note:///today')
    await client.ping()
    await settle()
    expect(updated).toEqual(['note:///today'])
  })
})

test('lists are kept for as long as the server allows it, page by page', async () => {
  const { server, pages } = make()
  await using client = await open(server, 'modern')
  await client.listTools()
  await client.listTools()
  expect(pages()).toBe(2)
  await client.listTools({ fresh: true })
  expect(pages()).toBe(4)
})
