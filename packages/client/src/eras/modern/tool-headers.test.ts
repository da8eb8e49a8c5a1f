import { expect, test } from 'bun:test'
import { createToolHeaders } from './tool-headers.ts'

function learning() {
  const warnings: string[] = []
  return { warnings, headers: createToolHeaders((message) => void warnings.push(message)) }
}

const toolOf = (name: string, properties: object) => ({ name, inputSchema: { type: 'object', properties } })
const region = { region: { type: 'string', 'x-mcp-header': 'Region' } }
const call = (name: string, args: object) => ({ name, arguments: { ...args } })

test('arguments are repeated in the headers the list asks for [MCP-134]', () => {
  const { headers, warnings } = learning()
  const listed = { tools: [toolOf('weather', region), toolOf('plain', {})] }
  expect(headers.learn(listed)).toBe(listed)
  expect(headers.headersFor(call('weather', { region: 'eu', other: 1 }))).toEqual({ 'Mcp-Param-Region': 'eu' })
  expect(headers.headersFor(call('plain', { region: 'eu' }))).toEqual({})
  expect(headers.headersFor(call('unlisted', { region: 'eu' }))).toEqual({})
  expect(warnings).toEqual([])
})

test.each([null, undefined])('the value %p has no header [MCP-135]', (value) => {
  const { headers } = learning()
  headers.learn({ tools: [toolOf('weather', region)] })
  expect(headers.headersFor(call('weather', { region: value }))).toEqual({})
  expect(headers.headersFor({ name: 'weather' })).toEqual({})
})

test('a value that a header cannot hold as it is travels encoded, and brings no header of its own', () => {
  const { headers } = learning()
  headers.learn({ tools: [toolOf('weather', region)] })
  for (const text of ['Huế', 'a\r\nx-evil: 1', ' padded ', '']) {
    const value = headers.headersFor(call('weather', { region: text }))['Mcp-Param-Region'] ?? ''
    expect(value).toMatch(/^[\x20-\x7e]*$/)
    expect(value.trim()).toBe(value)
  }
})

test('a value that looks as if it were encoded is encoded as well [MCP-125]', () => {
  const { headers } = learning()
  headers.learn({ tools: [toolOf('weather', region)] })
  const value = headers.headersFor(call('weather', { region: '=?base64?YQ==?=' }))['Mcp-Param-Region']
  expect(value).toBe(`=?base64?${btoa('=?base64?YQ==?=')}?=`)
})

test.each([
  ['an empty name', { a: { type: 'string', 'x-mcp-header': '' } }],
  ['a name that is none', { a: { type: 'string', 'x-mcp-header': 'a b' } }],
  ['a line break', { a: { type: 'string', 'x-mcp-header': 'a\r\nb' } }],
  ['a name twice', { a: { type: 'string', 'x-mcp-header': 'R' }, b: { type: 'string', 'x-mcp-header': 'r' } }],
  ['a number', { a: { type: 'number', 'x-mcp-header': 'R' } }],
  ['an object', { a: { type: 'object', 'x-mcp-header': 'R' } }],
  ['no text', { a: { type: 'string', 'x-mcp-header': 1 } }],
])('only the tool whose annotation has %s is left out, with a warning [MCP-136] [MCP-137]', (_, properties) => {
  const { headers, warnings } = learning()
  const good = toolOf('good', region)
  expect(headers.learn({ tools: [toolOf('bad', properties), good], nextCursor: 'n' })).toEqual({
    tools: [good],
    nextCursor: 'n',
  })
  expect(warnings).toEqual([expect.stringMatching(/^the tool "bad" is left out: .+/)])
  expect(headers.headersFor(call('bad', { a: '1' }))).toEqual({})
})

test('what was learned of a tool is replaced by what is listed next', () => {
  const { headers } = learning()
  headers.learn({ tools: [toolOf('weather', region)] })
  headers.learn({ tools: [toolOf('weather', { place: { type: 'string', 'x-mcp-header': 'Place' } })] })
  expect(headers.headersFor(call('weather', { region: 'a', place: 'b' }))).toEqual({ 'Mcp-Param-Place': 'b' })
  headers.learn({ tools: [toolOf('weather', {})] })
  expect(headers.headersFor(call('weather', { region: 'a', place: 'b' }))).toEqual({})
})

test('a tool that broke the rules since it was listed has no headers any more', () => {
  const { headers } = learning()
  headers.learn({ tools: [toolOf('weather', region)] })
  headers.learn({ tools: [toolOf('weather', { region: { type: 'number', 'x-mcp-header': 'Region' } })] })
  expect(headers.headersFor(call('weather', { region: 'a' }))).toEqual({})
})

test.each([
  [{}],
  [{ tools: 'none' }],
  [{ tools: [null, 1, { name: 1 }, { name: 'x' }, { name: 'y', inputSchema: [] }] }],
])('what is no list of tools is passed on as it is: %j', (result) => {
  const { headers, warnings } = learning()
  expect(headers.learn(result)).toBe(result)
  expect(warnings).toEqual([])
})
