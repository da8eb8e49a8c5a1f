import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { parseConfig } from '@bao-mcp/client/config'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { ServersFile, serversJsonSchema } from './servers-schema.ts'

const published = join(import.meta.dir, '../../../packages/client/schema/servers.schema.json')
const accepts = new Ajv2020({ strict: false }).compile(JSON.parse(serversJsonSchema()))

/** Mostly what belongs there, sometimes anything else. */
function mostly<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  const wrong = fc.constantFrom<unknown>(null, '', 'text', 0, -1, 3, true, [], ['x'], [1], {}, { a: 'b' }, { a: [] }, [
    '',
  ])
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong })
}

const text = fc.constantFrom('x', 'two words', `\${VAR}`)
const texts = fc.array(text, { maxLength: 2 })
const map = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 2 })
const types = fc.constantFrom('stdio', 'local', 'http', 'remote', 'streamable-http', 'streamableHttp', 'sse')
const oauth = fc.record(
  { clientId: mostly(text), callbackPort: mostly(fc.integer({ min: 1 })), scopes: mostly(fc.oneof(text, texts)) },
  { requiredKeys: [] },
)

/** One server, with at most one of the names that mean the same. */
const entry = fc.record(
  {
    type: mostly(types),
    command: mostly(fc.oneof(text, fc.tuple(text, text))),
    url: mostly(text),
    serverUrl: mostly(text),
    args: mostly(texts),
    env: mostly(map),
    envFile: mostly(text),
    cwd: mostly(text),
    headers: mostly(map),
    env_vars: mostly(fc.array(fc.oneof(text, fc.record({ name: text })))),
    env_http_headers: mostly(map),
    bearer_token_env_var: mostly(text),
    enabled: mostly(fc.boolean()),
    disabled: mostly(fc.boolean()),
    required: mostly(fc.boolean()),
    timeout: mostly(fc.integer({ min: 1 })),
    tool_timeout_sec: mostly(fc.double({ min: 0.5, max: 9 })),
    tools: mostly(texts),
    excludeTools: mostly(texts),
    oauth: mostly(fc.oneof(oauth, fc.boolean())),
    scopes: mostly(fc.oneof(text, texts)),
    custom: fc.jsonValue(),
  },
  { requiredKeys: [] },
)

/** Few keys, so that servers that can be used come about often. */
const server = fc
  .tuple(entry, fc.array(fc.nat(30), { maxLength: 18 }))
  .map(([raw, dropped]) => Object.fromEntries(Object.entries(raw).filter((_, index) => !dropped.includes(index))))

describe('the schema', () => {
  test('takes exactly the servers that are read', () => {
    const seen = { taken: 0, refused: 0 }
    fc.assert(
      fc.property(fc.oneof(server, server, fc.jsonValue({ maxDepth: 1 })), (raw) => {
        const file = JSON.parse(JSON.stringify({ mcpServers: { s: raw } }))
        const isRead = parseConfig(JSON.stringify(file)).problems.length === 0
        seen[isRead ? 'taken' : 'refused']++
        expect(ServersFile.safeParse(file).success).toBe(isRead)
        expect(accepts(file)).toBe(isRead)
      }),
      { numRuns: 1000 },
    )
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(50)
  })

  test.each([
    'claude-code.json',
    'cursor.json',
    'windsurf.json',
    'cline.json',
    'gemini.json',
    'copilot.json',
    'vscode.jsonc',
    'opencode.jsonc',
    'codex.toml',
  ])('takes the file of %s', async (name) => {
    const source = await Bun.file(join(import.meta.dir, 'golden', name)).text()
    const file = name.endsWith('.toml') ? Bun.TOML.parse(source) : Bun.JSONC.parse(source)
    expect(accepts(file)).toBe(true)
  })

  test('is published as it is: bun scripts/config-schema.ts --write', async () => {
    expect(JSON.parse(await Bun.file(published).text())).toEqual(JSON.parse(serversJsonSchema()))
  })
})
