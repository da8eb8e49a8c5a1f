import { expect, test } from 'bun:test'
import {
  type CheckedToolResult,
  type Client,
  connect,
  memory,
  type StdioOptions,
  stdio,
  type ToolResult,
  type Transport,
} from '@bao-mcp/client'
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
