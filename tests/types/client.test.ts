import { expect, test } from 'bun:test'
import {
  type Change,
  type CheckedToolResult,
  type Client,
  type ConnectOptions,
  connect,
  memory,
  type StdioOptions,
  type Subscription,
  stdio,
  type ToolResult,
  type Transport,
} from '@bao-mcp/client'
import type { Prompt, ReadResourceResult, Resource, ResourceTemplate, Tool } from '@bao-mcp/protocol'
import type { Channel } from '@bao-mcp/protocol/engine'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

/** Whether two types are the same, as a type: `true` only then. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless given `true`; at runtime only counts. */
function holds<_Claim extends true>(): undefined {
  return undefined
}

const zod = z.object({ sum: z.string().transform(Number) })

/** Answers everything with a structured sum. */
function adder(channel: Channel): void {
  channel.open({
    message(value) {
      const { id, method } = z.looseObject({ id: z.number(), method: z.string() }).parse(value)
      const discovered = { supportedVersions: ['2026-07-28'], capabilities: {} }
      const added = { content: [], structuredContent: { sum: '3' } }
      void channel.send({ jsonrpc: '2.0', id, result: method === 'server/discover' ? discovered : added })
    },
    unreadable() {},
    end() {},
  })
}

test('structured is what the schema gives out, in every library, and unknown without one', async () => {
  await using client = await connect(memory(adder))
  const plain = await client.callTool('add', { a: 1 })
  holds<Same<typeof plain, ToolResult>>()
  holds<Same<typeof plain.structured, unknown>>()

  const checked = await client.callTool('add', { a: 1 }, { output: zod })
  holds<Same<typeof checked, CheckedToolResult<{ sum: number }>>>()
  holds<Same<typeof checked.structured, { sum: number } | undefined>>()
  // a tool that failed need not have any: past that, it is there
  if (checked.isError !== true) holds<Same<typeof checked.structured, { sum: number }>>()
  expect(checked.structured).toEqual({ sum: 3 })

  const valibot = await client.callTool('add', undefined, { output: v.object({ sum: v.string() }) })
  holds<Same<typeof valibot.structured, { sum: string } | undefined>>()
  const arktype = await client.callTool('add', {}, { output: type({ sum: 'string' }) })
  holds<Same<typeof arktype.structured, { sum: string } | undefined>>()
})

test('a schema that may be missing promises nothing', async () => {
  await using client = await connect(memory(adder))
  const maybe: typeof zod | undefined = client.era === 'modern' ? zod : undefined
  const result = await client.callTool('add', {}, { output: maybe as typeof zod | undefined })
  holds<Same<typeof result.structured, unknown>>()
  expect(result.structured).toEqual({ sum: 3 })
})

test('arguments may be typed by an interface', async () => {
  interface Sum {
    a: number
    b: number
  }
  const sum: Sum = { a: 1, b: 2 }
  await using client = await connect(memory(adder))
  expect((await client.callTool('add', sum)).structured).toEqual({ sum: '3' })
})

test('every list is an array of all pages, and a loop over single items', () => {
  holds<Same<Awaited<ReturnType<Client['listTools']>>, Tool[]>>()
  holds<Same<Awaited<ReturnType<Client['listResources']>>, Resource[]>>()
  holds<Same<Awaited<ReturnType<Client['listResourceTemplates']>>, ResourceTemplate[]>>()
  holds<Same<Awaited<ReturnType<Client['listPrompts']>>, Prompt[]>>()
  holds<Same<ReturnType<Client['resources']>, AsyncIterable<Resource>>>()
  holds<Same<Awaited<ReturnType<Client['readResource']>>, ReadResourceResult>>()
  holds<Same<Awaited<ReturnType<Client['complete']>>['values'], string[]>>()
  holds<Same<Awaited<ReturnType<Client['listen']>>, Subscription>>()
  expect(holds<true>()).toBeUndefined()
})

test('a change tells its kind, and a resource its uri', () => {
  const uriOf = (change: Change): string | undefined => {
    switch (change.kind) {
      case 'tools':
      case 'prompts':
      case 'resources':
        // @ts-expect-error a list has no uri
        return change.uri
      case 'resource':
        holds<Same<typeof change.uri, string>>()
        return change.uri
      default:
        return change satisfies never
    }
  }
  expect(uriOf({ kind: 'resource', uri: 'a:1', missed: false })).toBe('a:1')
})

test('no check of the output promises nothing', () => {
  const unchecked = (client: Client) => client.callTool('add', {}, { output: false })
  holds<Same<Awaited<ReturnType<typeof unchecked>>, ToolResult>>()
  const misspelt = (client: Client, options: ConnectOptions): unknown[] => [
    // @ts-expect-error arguments of prompts are texts
    client.getPrompt('p', { n: 1 }),
    // @ts-expect-error the kinds are tools, prompts, resources and uris
    client.listen({ tool: true }, () => {}),
    // @ts-expect-error a reference has a type
    client.complete({ name: 'p' }, { name: 'a', value: '' }),
    // @ts-expect-error a page reports no progress
    client.prompts({ onProgress() {} }),
    // @ts-expect-error true is no schema
    client.callTool('add', {}, { output: true }),
    options.cacheStore?.get('family', 'key'),
  ]
  expect([unchecked, misspelt]).toHaveLength(2)
})

test('what the options do not have is refused at its name', () => {
  // @ts-expect-error the command is required
  const nameless: StdioOptions = { args: ['x'] }
  // @ts-expect-error no transport
  const bare: Transport = { command: 'x' }
  const misspelt = (client: Client): unknown[] => [
    // @ts-expect-error timeoutMs
    client.callTool('add', {}, { timeout: 5 }),
    // @ts-expect-error arguments are an object
    client.callTool('add', [1]),
    // @ts-expect-error a JSON Schema is no Standard Schema
    client.callTool('add', {}, { output: { type: 'object' } }),
    // @ts-expect-error a list reports no progress
    client.listTools({ onProgress() {} }),
  ]
  expect([nameless, bare, misspelt, stdio({ command: 'x' }).name].at(-1)).toBe('stdio: x')
})
