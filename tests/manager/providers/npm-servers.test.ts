import { expect, setDefaultTimeout, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { connect, stdio } from '@bao-mcp/client'
import { resultFor } from '../../../packages/client/src/manager/providers/result-for.ts'
import { toolsFor } from '../../../packages/client/src/manager/providers/tools-for.ts'
import { hasNode22, node22 } from '../../interop/launches.ts'
import golden from './golden/everything.json' with { type: 'json' }
import { complaints, type Subset } from './subsets.ts'

setDefaultTimeout(30_000)

const EVERYTHING = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'))
const open = () => connect(stdio({ command: node22, args: [EVERYTHING, 'stdio'], stdinGraceMs: 100 }))

test.skipIf(!hasNode22)(
  'the tools of a server of npm compile for every provider as they did, and lead back',
  async () => {
    await using client = await open()
    const tools = (await client.listTools()).map((tool) => ({ server: 'every thing', tool }))
    const seen = {
      openai: toolsFor('openai', tools).tools,
      strict: toolsFor('openai', tools, { strict: true }).tools,
      anthropic: toolsFor('anthropic', tools).tools,
      gemini: toolsFor('gemini', tools).tools,
      'ai-sdk': toolsFor('ai-sdk', tools).tools,
    }
    for (const [subset, list] of Object.entries(seen)) {
      expect(list).toHaveLength(tools.length)
      for (const written of list) {
        expect('name' in written && written.name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/)
        const [schema] = Object.values(written).filter((value) => typeof value === 'object')
        const held = 'strict' in written && !written.strict ? 'openai' : subset
        // proof: the keys of `seen` are subsets
        if (schema !== undefined) expect(complaints(schema, held as Subset)).toEqual([])
      }
    }
    // proof: what was compiled is JSON
    expect(JSON.parse(JSON.stringify(seen)) as unknown).toEqual(golden)
  },
)

test.skipIf(!hasNode22)(
  'its tools have names of their own for every provider, though servers are called alike, and all lead back',
  async () => {
    await using client = await open()
    const servers = [
      'every thing',
      'every_thing',
      'every.thing',
      'é',
      `${'long '.repeat(30)}1`,
      `${'long '.repeat(30)}2`,
    ]
    const listed = await client.listTools()
    const tools = servers.flatMap((server) => listed.map((tool) => ({ server, tool })))
    for (const compiled of [
      toolsFor('openai', tools),
      toolsFor('openai', tools, { strict: true }),
      toolsFor('anthropic', tools),
      toolsFor('gemini', tools),
      toolsFor('ai-sdk', tools),
    ]) {
      const written = compiled.tools.map((tool) => ('name' in tool ? tool.name : tool.function.name))
      expect(new Set(written).size).toBe(tools.length)
      expect(written.filter((name) => !/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/.test(name))).toEqual([])
      const back = written.map((name) => compiled.call(name, {}))
      expect(back).toEqual(tools.map(({ server, tool }) => ({ server, tool: tool.name, arguments: {} })))
    }
  },
)

test.skipIf(!hasNode22)('its results reach a model as text, as structure and as a picture', async () => {
  await using client = await open()
  expect(resultFor('openai', await client.callTool('echo', { message: 'hé' }))).toBe('Echo: hé')
  const weather = await client.callTool('get-structured-content', { location: 'Chicago' })
  expect(resultFor('gemini', weather)).toEqual({ response: { output: weather.structured } })
  const picture = resultFor('anthropic', await client.callTool('get-tiny-image'))
  expect(picture.content).toContainEqual(expect.objectContaining({ type: 'image' }))
  const wrong = resultFor('ai-sdk', await client.callTool('echo', { message: 42 }))
  expect(wrong).toMatchObject({ type: 'error-text', value: expect.stringContaining('message') })
})
