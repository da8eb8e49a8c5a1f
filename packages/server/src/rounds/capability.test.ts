import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@bao-mcp/protocol/engine'
import { ALL_CAPABILITIES, HANDSHAKES, MODERN, openPair, textOf } from '../../test/kit.ts'
import { tool } from '../registry/tool.ts'
import { createServer } from '../server.ts'
import { type CapabilityName, capabilityFor, declarationOf, isDeclared } from './capability.ts'

const NAMES: readonly CapabilityName[] = [
  'elicitation',
  'elicitation.form',
  'elicitation.url',
  'sampling',
  'sampling.tools',
  'sampling.context',
  'roots',
]

const server = createServer({
  name: 's',
  version: '1',
  tools: [tool({ name: 'can', run: (_args, { can }) => NAMES.filter((name) => can(name)).join(' ') })],
})

async function canWith(version: string, capabilities: JsonObject): Promise<string[]> {
  await using pair = await openPair(server, { version, capabilities })
  const text = textOf(await pair.call('can'))
  return text === '' ? [] : text.split(' ')
}

describe('can', () => {
  for (const version of [...HANDSHAKES, MODERN]) {
    test(`is true for what is declared and known in ${version} [MCP-181, MCP-246]`, async () => {
      const knowsElicitation = version >= '2025-06-18'
      const elicitation = (...names: string[]): string[] => (knowsElicitation ? names : [])
      const cases: [JsonObject, string[]][] = [
        [{}, []],
        [ALL_CAPABILITIES, knowsElicitation ? [...NAMES] : ['sampling', 'sampling.tools', 'sampling.context', 'roots']],
        [{ elicitation: {} }, elicitation('elicitation', 'elicitation.form')],
        [{ elicitation: { form: {} } }, elicitation('elicitation', 'elicitation.form')],
        [{ elicitation: { url: {} } }, elicitation('elicitation', 'elicitation.url')],
        [{ sampling: {} }, ['sampling']],
        [{ sampling: { tools: {} } }, ['sampling', 'sampling.tools']],
        [{ roots: { listChanged: true } }, ['roots']],
        [{ roots: true, sampling: 'yes', elicitation: null }, []],
      ]
      for (const [capabilities, names] of cases) expect(await canWith(version, capabilities)).toEqual(names)
    })
  }
})

test('a question needs the capability of its mode [MCP-234]', () => {
  expect(capabilityFor('elicitation/create', { message: 'x' })).toBe('elicitation.form')
  expect(capabilityFor('elicitation/create', { mode: 'form' })).toBe('elicitation.form')
  expect(capabilityFor('elicitation/create', { mode: 'url' })).toBe('elicitation.url')
  expect(capabilityFor('sampling/createMessage', { messages: [] })).toBe('sampling')
  expect(capabilityFor('sampling/createMessage', { tools: [] })).toBe('sampling.tools')
  expect(capabilityFor('sampling/createMessage', { toolChoice: {} })).toBe('sampling.tools')
  expect(capabilityFor('roots/list', undefined)).toBe('roots')
  expect(capabilityFor('tools/list', undefined)).toBeUndefined()
})

test('a declaration declares what it is made for', () => {
  for (const name of NAMES) expect(isDeclared(declarationOf(name), name)).toBe(true)
})
