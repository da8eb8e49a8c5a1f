import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../jsonrpc/message.ts'
import { httpOf } from './http.ts'

const { checkHeaders, headersOf } = httpOf('2026-07-28')
const TASKS: ReadonlyMap<string, string> = new Map([['tasks/get', 'taskId']])

function check(method: string, params: JsonObject | undefined, headers: Record<string, string>): unknown {
  try {
    checkHeaders({ method, ...(params && { params }) }, new Headers(headers), TASKS)
  } catch (error) {
    return error
  }
  return undefined
}

const call = { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'echo' }

describe('headers that pass', () => {
  test.each<[string, string, JsonObject | undefined, Record<string, string>]>([
    ['a method without a name', 'tools/list', undefined, { 'Mcp-Method': 'tools/list' }],
    ['a tool', 'tools/call', { name: 'echo' }, call],
    ['a prompt', 'prompts/get', { name: 'p' }, { 'Mcp-Method': 'prompts/get', 'Mcp-Name': 'p' }],
    ['a resource', 'resources/read', { uri: 'a://b' }, { 'Mcp-Method': 'resources/read', 'Mcp-Name': 'a://b' }],
    ['a method of an extension', 'tasks/get', { taskId: 't' }, { 'Mcp-Method': 'tasks/get', 'Mcp-Name': 't' }],
    ['names in any spelling', 'tools/call', { name: 'echo' }, { 'MCP-METHOD': 'tools/call', 'mcp-name': 'echo' }],
    ['an encoded name', 'tools/call', { name: 'ü' }, { 'Mcp-Method': 'tools/call', 'Mcp-Name': '=?base64?w7w=?=' }],
    ['a plain name, encoded', 'tools/call', { name: 'a' }, { ...call, 'Mcp-Name': '=?base64?YQ==?=' }],
    ['an empty name', 'tools/call', { name: '' }, { ...call, 'Mcp-Name': '' }],
    ['a surplus name', 'tools/list', undefined, { 'Mcp-Method': 'tools/list', 'Mcp-Name': 'x' }],
    ['a name that is no text', 'tools/call', { name: 1 }, call],
    ['a name that is missing in the body', 'tools/call', {}, call],
    ['a body without params', 'tools/call', undefined, call],
  ])('%s [MCP-129] [MCP-130]', (_, method, params, headers) => {
    expect(check(method, params, headers)).toBeUndefined()
  })

  test('blanks around a value, which some readers of headers keep', () => {
    const padded = new Map([
      ['mcp-method', ' tools/call\t'],
      ['mcp-name', '\techo '],
    ])
    const headers = { get: (name: string) => padded.get(name) ?? null }
    expect(() => checkHeaders({ method: 'tools/call', params: { name: 'echo' } }, headers)).not.toThrow()
  })

  test('cost two look-ups, and one where no name is repeated', () => {
    const asked: string[] = []
    const headers = {
      get(name: string) {
        asked.push(name)
        return name === 'mcp-method' ? 'tools/call' : 'echo'
      },
    }
    checkHeaders({ method: 'tools/call', params: { name: 'echo' } }, headers)
    expect(asked).toEqual(['mcp-method', 'mcp-name'])
    asked.length = 0
    expect(() => checkHeaders({ method: 'tools/list' }, headers)).toThrow()
    expect(asked).toEqual(['mcp-method'])
  })
})

describe('headers that are refused', () => {
  test.each<[string, string, JsonObject | undefined, Record<string, string>, string]>([
    [
      'no method',
      'tools/list',
      undefined,
      {},
      'the Mcp-Method header is missing: it must repeat method, which is "tools/list"',
    ],
    [
      'another method',
      'tools/list',
      undefined,
      { 'Mcp-Method': 'tools/call' },
      'the Mcp-Method header must repeat method: expected "tools/list", got "tools/call"',
    ],
    [
      'another case of the method',
      'tools/list',
      undefined,
      { 'Mcp-Method': 'Tools/List' },
      'the Mcp-Method header must repeat method: expected "tools/list", got "Tools/List"',
    ],
    [
      'no name',
      'tools/call',
      { name: 'echo' },
      { 'Mcp-Method': 'tools/call' },
      'the Mcp-Name header is missing: it must repeat params.name, which is "echo"',
    ],
    [
      'no name on either side',
      'tools/call',
      undefined,
      { 'Mcp-Method': 'tools/call' },
      'the Mcp-Name header is missing: it must repeat params.name',
    ],
    [
      'another name',
      'tools/call',
      { name: 'echo' },
      { ...call, 'Mcp-Name': 'Echo' },
      'the Mcp-Name header must repeat params.name: expected "echo", got "Echo"',
    ],
    [
      'a name that came twice',
      'tools/call',
      { name: 'echo' },
      { ...call, 'Mcp-Name': 'echo, echo' },
      'the Mcp-Name header must repeat params.name: expected "echo", got "echo, echo"',
    ],
    [
      'another resource',
      'resources/read',
      { uri: 'a://b' },
      { 'Mcp-Method': 'resources/read', 'Mcp-Name': 'a://c' },
      'the Mcp-Name header must repeat params.uri: expected "a://b", got "a://c"',
    ],
    [
      'another task',
      'tasks/get',
      { taskId: 'a' },
      { 'Mcp-Method': 'tasks/get', 'Mcp-Name': 'b' },
      'the Mcp-Name header must repeat params.taskId: expected "a", got "b"',
    ],
    [
      'a name that looks encoded and was not encoded again',
      'tools/call',
      { name: '=?base64?YQ==?=' },
      { ...call, 'Mcp-Name': '=?base64?YQ==?=' },
      'the Mcp-Name header must repeat params.name: expected "=?base64?YQ==?=", got "a"',
    ],
    [
      'a name that cannot be decoded',
      'tools/call',
      { name: 'echo' },
      { ...call, 'Mcp-Name': '=?base64?!?=' },
      'the Mcp-Name header is marked as Base64 and is no padded Base64',
    ],
    [
      'a name in another encoding of text',
      'tools/call',
      { name: 'ü' },
      { ...call, 'Mcp-Name': 'ü' },
      'the Mcp-Name header holds characters that must be encoded as Base64',
    ],
  ])('%s [MCP-126] [MCP-127]', (_, method, params, headers, message) => {
    expect(check(method, params, headers)).toMatchObject({ code: -32020, message })
  })

  test('are told of in a short text, however long they are', () => {
    const error = check('tools/call', { name: 'x'.repeat(5000) }, { ...call, 'Mcp-Name': 'y'.repeat(5000) })
    expect(error).toMatchObject({ code: -32020 })
    expect(String(error).length).toBeLessThan(400)
  })

  test('a member that every object has is no name', () => {
    const names = new Map([['x/y', 'constructor']])
    const headers = new Headers({ 'Mcp-Method': 'x/y' })
    expect(() => checkHeaders({ method: 'x/y', params: {} }, headers, names)).toThrow('Mcp-Name header is missing')
    expect(headersOf({ method: 'x/y', params: {} }, names)).not.toHaveProperty('Mcp-Name')
  })
})

describe('a client sends', () => {
  test.each<[string, JsonObject | undefined, Record<string, string>]>([
    ['tools/list', undefined, {}],
    ['tools/call', { name: 'echo' }, { 'Mcp-Name': 'echo' }],
    ['prompts/get', { name: 'Grüße' }, { 'Mcp-Name': '=?base64?R3LDvMOfZQ==?=' }],
    ['resources/read', { uri: 'a://b' }, { 'Mcp-Name': 'a://b' }],
    ['tasks/get', { taskId: 't' }, { 'Mcp-Name': 't' }],
    ['tools/call', {}, {}],
  ])('%s with its headers, which its server accepts', (method, params, more) => {
    const request = { method, ...(params && { params }) }
    const headers = headersOf(request, TASKS)
    expect(headers).toEqual({ 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...more })
    if ('Mcp-Name' in more) expect(check(method, params, headers)).toBeUndefined()
  })
})
