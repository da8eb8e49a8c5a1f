import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Era } from '@bao-mcp/protocol/revisions'
import { underBun } from './launches.ts'
import { echo, META_TEXT, shakeHands } from './raw-messages.ts'
import { type Message, type RawServer, startRaw } from './raw-server.ts'

setDefaultTimeout(30_000)

const PARSE_ERROR = -32700
const INVALID_REQUEST = -32600
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602

const DEEP = 50_000

let lastId = 1000

/** Writes bytes, then a good request, and returns what came before its answer. */
async function answersTo(server: RawServer, era: Era, bytes: string | Uint8Array): Promise<(Message | Message[])[]> {
  const id = ++lastId
  server.write(bytes)
  server.write(`${echo(era, id, 'still here')}\n`)
  const messages = await server.readThrough(id)
  const last = messages.pop()
  expect(last).toMatchObject({ result: { content: [{ text: 'still here' }] } })
  return messages
}

type Expected = { id?: unknown; code: number } | { id: unknown; text: string } | 'nothing'

function check(messages: (Message | Message[])[], expected: readonly Expected[]): void {
  const seen = messages.map((message) => {
    if (Array.isArray(message)) return message
    const { id, error, result } = message
    if (error === undefined) return { id, text: result?.content?.[0]?.text }
    // one sentence for a person
    expect(error.message).toMatch(/^[^\n]+$/)
    return { ...('id' in message && { id }), code: error.code }
  })
  expect<unknown>(seen).toEqual(expected.filter((each) => each !== 'nothing'))
}

const bytesOf = (text: string, broken: number): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  bytes[text.indexOf('?')] = broken
  return bytes
}

type Row = [what: string, bytes: (era: Era) => string | Uint8Array, ...expected: Expected[]]

const rows: Row[] = [
  ['a line that is no JSON', () => 'hello\n', { code: PARSE_ERROR }],
  ['a request that is cut off [MCP-005]', () => '{"jsonrpc":"2.0","id":7,"method":"pi\n', { id: 7, code: PARSE_ERROR }],
  ['an id that comes before the fault', () => '{"id":"a","jsonrpc":"2.0",,}\n', { id: 'a', code: PARSE_ERROR }],
  ['bytes that are no UTF-8 [MCP-001]', (era) => bytesOf(`${echo(era, 8, '?')}\n`, 0xff), { id: 8, code: PARSE_ERROR }],
  ['a byte order mark', (era) => `\ufeff${echo(era, 9, 'after a mark')}\n`, { id: 9, text: 'after a mark' }],
  ['CRLF', (era) => `${echo(era, 10, 'crlf')}\r\n`, { id: 10, text: 'crlf' }],
  ['blank lines', () => '\n\r\n   \n\t\n', 'nothing'],
  [
    'two requests in one chunk',
    (era) => `${echo(era, 11, 'one')}\n${echo(era, 12, 'two')}\n`,
    { id: 11, text: 'one' },
    { id: 12, text: 'two' },
  ],
  ['null', () => 'null\n', { code: INVALID_REQUEST }],
  ['a number', () => '42\n', { code: INVALID_REQUEST }],
  ['a string', () => '"ping"\n', { code: INVALID_REQUEST }],
  ['an empty object', () => '{}\n', { code: INVALID_REQUEST }],
  ['an empty batch', () => '[]\n', { code: INVALID_REQUEST }],
  [
    'a batch [MCP-010]',
    (era) => `[${echo(era, 13, 'a')},${echo(era, 14, 'b')}]\n`,
    { id: 13, code: INVALID_REQUEST },
    { id: 14, code: INVALID_REQUEST },
  ],
  ['no jsonrpc', () => '{"id":15,"method":"ping"}\n', { id: 15, code: INVALID_REQUEST }],
  ['another jsonrpc', () => '{"jsonrpc":"1.0","id":16,"method":"ping"}\n', { id: 16, code: INVALID_REQUEST }],
  ['an id of null [MCP-002]', () => '{"jsonrpc":"2.0","id":null,"method":"ping"}\n', { code: INVALID_REQUEST }],
  ['a fractional id [MCP-002]', () => '{"jsonrpc":"2.0","id":1.5,"method":"ping"}\n', { code: INVALID_REQUEST }],
  ['an id without end', () => '{"jsonrpc":"2.0","id":1e999,"method":"ping"}\n', { code: INVALID_REQUEST }],
  ['an id of true', () => '{"jsonrpc":"2.0","id":true,"method":"ping"}\n', { code: INVALID_REQUEST }],
  ['an id that is an object', () => '{"jsonrpc":"2.0","id":{},"method":"ping"}\n', { code: INVALID_REQUEST }],
  ['an empty id', (era) => `${echo(era, '', 'empty id')}\n`, { id: '', text: 'empty id' }],
  [
    'hang 1: a method that is a number, with an id',
    () => '{"jsonrpc":"2.0","id":17,"method":5}\n',
    { id: 17, code: INVALID_REQUEST },
  ],
  [
    'params that are an array',
    () => '{"jsonrpc":"2.0","id":18,"method":"ping","params":[]}\n',
    { id: 18, code: INVALID_REQUEST },
  ],
  [
    'params that are null',
    () => '{"jsonrpc":"2.0","id":19,"method":"ping","params":null}\n',
    { id: 19, code: INVALID_REQUEST },
  ],
  ['no method, result or error', () => '{"jsonrpc":"2.0","id":20}\n', { id: 20, code: INVALID_REQUEST }],
  [
    'a method and a result',
    () => '{"jsonrpc":"2.0","id":21,"method":"ping","result":{}}\n',
    { id: 21, code: INVALID_REQUEST },
  ],
  [
    'hang 2: an unknown member of the envelope',
    (era) => `${echo(era, 22, 'extra', { top: '"extra":{"a":1},' })}\n`,
    { id: 22, text: 'extra' },
  ],
  [
    'unknown members of params',
    (era) => `${echo(era, 23, 'extra', { params: '"extra":1,' })}\n`,
    { id: 23, text: 'extra' },
  ],
  [
    'a __proto__ in the envelope',
    (era) => `${echo(era, 24, 'p', { top: '"__proto__":{"method":"ping"},' })}\n`,
    { id: 24, text: 'p' },
  ],
  [
    'a __proto__ in arguments',
    (era) => `${echo(era, 25, 'p', { args: '"__proto__":{"polluted":true},' })}\n`,
    { id: 25, text: 'p' },
  ],
  [
    'a constructor in arguments',
    (era) => `${echo(era, 26, 'p', { args: '"constructor":{"prototype":{"x":1}},' })}\n`,
    { id: 26, text: 'p' },
  ],
  [
    'the method __proto__',
    (era) => `{"jsonrpc":"2.0","id":27,"method":"__proto__","params":{${META_TEXT[era]}"a":1}}\n`,
    { id: 27, code: METHOD_NOT_FOUND },
  ],
  [
    'the method constructor',
    (era) => `{"jsonrpc":"2.0","id":28,"method":"constructor","params":{${META_TEXT[era]}"a":1}}\n`,
    { id: 28, code: METHOD_NOT_FOUND },
  ],
  [
    'the tool __proto__',
    (era) => `{"jsonrpc":"2.0","id":29,"method":"tools/call","params":{${META_TEXT[era]}"name":"__proto__"}}\n`,
    { id: 29, code: INVALID_PARAMS },
  ],
  [
    'a tool without a name',
    (era) => `{"jsonrpc":"2.0","id":30,"method":"tools/call","params":{${META_TEXT[era]}"a":1}}\n`,
    { id: 30, code: INVALID_PARAMS },
  ],
  [
    'arguments that are a string',
    (era) =>
      `{"jsonrpc":"2.0","id":31,"method":"tools/call","params":{${META_TEXT[era]}"name":"echo","arguments":"x"}}\n`,
    { id: 31, code: INVALID_PARAMS },
  ],
  [
    'a cursor that nobody gave',
    (era) => `{"jsonrpc":"2.0","id":32,"method":"tools/list","params":{${META_TEXT[era]}"cursor":"made up"}}\n`,
    { id: 32, code: INVALID_PARAMS },
  ],
  [
    'nesting too deep to copy',
    (era) => `${echo(era, 33, 'deep', { args: `"deep":${'['.repeat(DEEP)}${']'.repeat(DEEP)},` })}\n`,
    { id: 33, text: 'deep' },
  ],
  ['nesting that is never closed', () => `${'['.repeat(DEEP)}\n`, { code: PARSE_ERROR }],
  ['a result for an unknown id [MCP-007]', () => '{"jsonrpc":"2.0","id":99,"result":{}}\n', 'nothing'],
  ['an error for an unknown id', () => '{"jsonrpc":"2.0","id":"x","error":{"code":-1,"message":"no"}}\n', 'nothing'],
  ['an error without an id', () => '{"jsonrpc":"2.0","error":{"code":-1,"message":"no"}}\n', 'nothing'],
  ['a result that is no object', () => '{"jsonrpc":"2.0","id":99,"result":5}\n', 'nothing'],
  ['an unknown notification [MCP-007]', () => '{"jsonrpc":"2.0","method":"notifications/nobody/knows"}\n', 'nothing'],
  ['a request method without an id [MCP-007]', () => '{"jsonrpc":"2.0","method":"tools/list"}\n', 'nothing'],
  [
    'a cancellation of nothing',
    () => '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":404}}\n',
    'nothing',
  ],
  ['a cancellation without params', () => '{"jsonrpc":"2.0","method":"notifications/cancelled"}\n', 'nothing'],
  [
    'a notification whose params are an array [MCP-007]',
    () => '{"jsonrpc":"2.0","method":"notifications/initialized","params":[]}\n',
    'nothing',
  ],
  [
    'progress of nothing',
    () => '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":404,"progress":1}}\n',
    'nothing',
  ],
]

for (const era of ['modern', 'legacy'] as const) {
  describe(`our server in the ${era} era answers what it can and serves the next request after`, () => {
    // one process takes it all, which is half of the point
    let shared: Promise<RawServer> | undefined
    const start = async (): Promise<RawServer> => {
      const server = startRaw(underBun('bao-server'))
      if (era === 'legacy') await shakeHands(server)
      return server
    }
    const server = (): Promise<RawServer> => {
      shared ??= start()
      return shared
    }
    afterAll(async () => {
      await (await shared)?.[Symbol.asyncDispose]()
    })

    test.each(rows)('%s', async (_, bytes, ...expected) => {
      check(await answersTo(await server(), era, bytes(era)), expected)
    })
  })
}
