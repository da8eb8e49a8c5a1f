import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject } from './jsonrpc/message.ts'
import { checkParamHeaders, MAX_PARAM_HEADER_DEPTH, paramHeadersOf, paramHeaderValues } from './param-headers.ts'

const annotated = (name: unknown, more: JsonObject = { type: 'string' }): JsonObject => ({
  ...more,
  'x-mcp-header': name,
})
const objectOf = (properties: JsonObject): JsonObject => ({ type: 'object', properties })
const faultsOf = (schema: JsonObject): string[] => paramHeadersOf(schema).faults

describe('the headers of a schema', () => {
  test('are named after their annotations, in the order of the properties', () => {
    const schema = objectOf({
      region: annotated('Region'),
      free: { type: 'string' },
      place: objectOf({
        zone: annotated('Zone', { type: 'integer' }),
        deep: objectOf({ on: annotated('Method', { type: 'boolean' }) }),
      }),
      count: annotated("!#$%&'*+-.^_`|~09azAZ", { type: ['integer', 'null'] }),
      mixed: annotated('Mixed', { type: ['string', 'integer', 'null'] }),
    })
    expect(paramHeadersOf(schema)).toEqual({
      headers: [
        { name: 'Mcp-Param-Region', path: ['region'], type: ['string'] },
        { name: 'Mcp-Param-Zone', path: ['place', 'zone'], type: ['integer'] },
        { name: 'Mcp-Param-Method', path: ['place', 'deep', 'on'], type: ['boolean'] },
        { name: "Mcp-Param-!#$%&'*+-.^_`|~09azAZ", path: ['count'], type: ['integer'] },
        { name: 'Mcp-Param-Mixed', path: ['mixed'], type: ['string', 'integer'] },
      ],
      faults: [],
    })
  })

  test('may lie as deep as the limit, and no deeper', () => {
    const nested = (depth: number): JsonObject =>
      depth === 1 ? objectOf({ a: annotated('A') }) : objectOf({ a: nested(depth - 1) })
    expect(paramHeadersOf(nested(MAX_PARAM_HEADER_DEPTH)).headers[0]?.path).toHaveLength(MAX_PARAM_HEADER_DEPTH)
    expect(faultsOf(nested(MAX_PARAM_HEADER_DEPTH + 1))).toEqual([
      'x-mcp-header "A" of "….a.a.a.a.a.a.a.a" must not lie deeper than 32 properties',
    ])
  })

  test('are not looked for in data, nor in the names of properties', () => {
    const data = objectOf({ a: annotated('') })
    const schema = {
      ...objectOf({
        'x-mcp-header': { type: 'string' },
        a: { default: data, const: data, enum: [data], examples: [data] },
      }),
      'x-own': data,
    }
    expect(paramHeadersOf(schema)).toEqual({ headers: [], faults: [] })
  })

  test('are none of a schema that is odd', () => {
    const odd = [
      {},
      { properties: null },
      { properties: [annotated('A')] },
      { properties: { a: null, b: true, c: [] } },
    ]
    for (const schema of odd) expect(paramHeadersOf(schema)).toEqual({ headers: [], faults: [] })
  })
})

const TOKEN = "must be a token: letters, digits and !#$%&'*+-.^_`|~ without blanks"
const PRIMITIVE = 'must stand on a property of type string, integer or boolean'

describe('an annotation is at fault', () => {
  test.each<[string, JsonObject, string]>([
    ['empty', annotated(''), 'x-mcp-header "" of "a" must be a text that is not empty'],
    ['no text', annotated(1), 'x-mcp-header (number) of "a" must be a text that is not empty'],
    ['null', annotated(null), 'x-mcp-header (null) of "a" must be a text that is not empty'],
    ['with a blank', annotated('My Region'), `x-mcp-header "My Region" of "a" ${TOKEN}`],
    ['with a colon', annotated('A:B'), `x-mcp-header "A:B" of "a" ${TOKEN}`],
    ['with a line break', annotated('A\r\nB'), `x-mcp-header "A\\r\\nB" of "a" ${TOKEN}`],
    ['with a line break behind', annotated('A\n'), `x-mcp-header "A\\n" of "a" ${TOKEN}`],
    ['in another alphabet', annotated('Région'), `x-mcp-header "Région" of "a" ${TOKEN}`],
    ['on a number', annotated('A', { type: 'number' }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['on an object', annotated('A', { type: 'object' }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['on a list', annotated('A', { type: 'array' }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['on null', annotated('A', { type: 'null' }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['on nothing but null', annotated('A', { type: ['null'] }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['on what may be a number', annotated('A', { type: ['string', 'number'] }), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
    ['without a type', annotated('A', {}), `x-mcp-header "A" of "a" ${PRIMITIVE}`],
  ])('%s [MCP-138]', (_, property, fault) => {
    expect(paramHeadersOf(objectOf({ a: property }))).toEqual({ headers: [], faults: [fault] })
  })

  test('that another one equals but for the case of letters [MCP-138]', () => {
    const schema = objectOf({ a: annotated('Region'), b: objectOf({ c: annotated('REGION') }) })
    expect(faultsOf(schema)).toEqual([
      'x-mcp-header "REGION" of "b.c" must be unique in the schema, whatever the case of its letters',
    ])
  })

  const inner = objectOf({ b: annotated('B') })
  test.each<[string, JsonObject]>([
    ...['items', 'contains', 'not', 'if', 'then', 'else', 'additionalProperties', 'propertyNames'].map(
      (keyword): [string, JsonObject] => [keyword, { [keyword]: inner }],
    ),
    ...['oneOf', 'anyOf', 'allOf', 'items', 'prefixItems'].map((keyword): [string, JsonObject] => [
      `${keyword}.1`,
      { [keyword]: [{}, inner] },
    ]),
    ...['$defs', 'definitions', 'patternProperties', 'dependentSchemas'].map((keyword): [string, JsonObject] => [
      `${keyword}.x`,
      { [keyword]: { x: inner } },
    ]),
  ])('that is reached through %s [MCP-138]', (place, schema) => {
    const why = 'must stand on a property that is reached through properties alone'
    expect(faultsOf(schema)).toEqual([`x-mcp-header "B" of "${place}.b" ${why}`])
    expect(faultsOf(objectOf({ a: schema }))).toEqual([`x-mcp-header "B" of "a.${place}.b" ${why}`])
  })

  test('that is on the schema itself', () => {
    expect(faultsOf(annotated('A'))).toEqual([
      'x-mcp-header "A" of the schema itself must stand on a property that is reached through properties alone',
    ])
  })
})

describe('a hostile schema', () => {
  test('of 200 000 levels costs no stack, and its faults stay short', () => {
    let schema: JsonObject = annotated('X'.repeat(1000))
    for (let level = 0; level < 100_000; level++) schema = { ...objectOf({ a: schema }), not: annotated('') }
    for (let level = 0; level < 100_000; level++) schema = { items: schema }
    const { headers, faults } = paramHeadersOf(schema)
    expect(headers).toEqual([])
    expect(faults).toHaveLength(100_001)
    for (const fault of faults) expect(fault.length).toBeLessThan(300)
  })

  test('with long names is told of in few words', () => {
    const [fault = ''] = faultsOf(objectOf({ ['n'.repeat(100_000)]: annotated(`${'v'.repeat(100_000)} `) }))
    expect(fault.length).toBeLessThan(300)
  })

  test('cannot reach what every object has', () => {
    const schema: unknown = JSON.parse(
      '{"properties":{"__proto__":{"properties":{"polluted":{"type":"string","x-mcp-header":"P"}}},"toString":{"type":"string","x-mcp-header":"T"}}}',
    )
    const { headers } = paramHeadersOf(schema as JsonObject)
    expect(headers.map(({ path }) => path)).toEqual([['__proto__', 'polluted'], ['toString']])
    expect(paramHeaderValues(headers, {})).toEqual({})
    expect(() => checkParamHeaders(headers, {}, new Headers())).not.toThrow()
    expect(() => checkParamHeaders(headers, {}, new Headers({ 'Mcp-Param-T': '' }))).toThrow('was not expected')
  })
})

const list = paramHeadersOf(
  objectOf({
    region: annotated('Region'),
    count: annotated('Count', { type: 'integer' }),
    at: objectOf({ on: annotated('On', { type: 'boolean' }) }),
  }),
).headers

function refusal(args: JsonObject | undefined, headers: Record<string, string>): unknown {
  try {
    checkParamHeaders(list, args, new Headers(headers))
  } catch (error) {
    return error
  }
  return undefined
}

describe('a server', () => {
  test.each<[string, JsonObject | undefined, Record<string, string>]>([
    ['nothing at all', undefined, {}],
    ['arguments without these', { other: 1 }, {}],
    ['null without a header', { region: null, count: null, at: null }, {}],
    ['a text', { region: 'us-west1' }, { 'mcp-param-region': 'us-west1' }],
    ['an empty text', { region: '' }, { 'Mcp-Param-Region': '' }],
    ['an encoded text', { region: ' ü' }, { 'Mcp-Param-Region': '=?base64?IMO8?=' }],
    ['a plain text, encoded', { region: 'a' }, { 'Mcp-Param-Region': '=?base64?YQ==?=' }],
    ['what only looks encoded', { region: '=?BASE64?YQ==?=' }, { 'Mcp-Param-Region': '=?BASE64?YQ==?=' }],
    ['true', { at: { on: true } }, { 'Mcp-Param-On': 'true' }],
    ['false', { at: { on: false } }, { 'Mcp-Param-On': 'false' }],
    ['an unknown header', {}, { 'Mcp-Param-Other': 'x' }],
    ['an object without a header, which only its schema can refuse', { region: { a: 1 } }, {}],
  ])('accepts %s [MCP-129] [MCP-130] [MCP-142]', (_, args, headers) => {
    expect(refusal(args, headers)).toBeUndefined()
  })

  test.each([
    [42, '42.0'],
    [42, '42.000'],
    [42, '042'],
    [42, '4.2e1'],
    [42, '420E-1'],
    [42, '=?base64?NDIuMA==?='],
    [-7, '-7'],
    [0, '-0.0'],
    [0, '0e5'],
    [1200, '1.2e+3'],
    [1e21, '1000000000000000000000'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991.0'],
  ])('accepts %d as %s [MCP-141]', (count, header) => {
    expect(refusal({ count }, { 'Mcp-Param-Count': header })).toBeUndefined()
  })

  test.each([
    [42, '43'],
    [42, '-42'],
    [42, '42.0000000000000000000001'],
    [42, ''],
    [42, '+42'],
    [42, '0x2a'],
    [42, '42 0'],
    [42, '4_2'],
    [42, 'forty-two'],
    [42, '42.'],
    [42, `${'9'.repeat(5000)}e${'9'.repeat(5000)}`],
    [Number.MAX_SAFE_INTEGER, '9007199254740990.9999999999'],
  ])('refuses %d as %s [MCP-141]', (count, header) => {
    expect(refusal({ count }, { 'Mcp-Param-Count': header })).toMatchObject({
      code: -32020,
      message: 'the Mcp-Param-Count header for params.arguments.count differs from the value in the body',
    })
  })

  test.each<[string, JsonObject | undefined, Record<string, string>, string]>([
    [
      'a header that is missing',
      { region: 'a' },
      {},
      'the Mcp-Param-Region header for params.arguments.region is missing, though the body has a value for it',
    ],
    [
      'a header for null',
      { region: null },
      { 'Mcp-Param-Region': 'null' },
      'the Mcp-Param-Region header for params.arguments.region was not expected: the body has no value for it',
    ],
    [
      'a header for nothing',
      undefined,
      { 'Mcp-Param-On': '' },
      'the Mcp-Param-On header for params.arguments.at.on was not expected: the body has no value for it',
    ],
    [
      'another text',
      { region: 'secret-a' },
      { 'Mcp-Param-Region': 'Secret-A' },
      'the Mcp-Param-Region header for params.arguments.region differs from the value in the body',
    ],
    [
      'another word for true',
      { at: { on: true } },
      { 'Mcp-Param-On': '1' },
      'the Mcp-Param-On header for params.arguments.at.on differs from the value in the body',
    ],
    [
      'a header for an object',
      { region: {} },
      { 'Mcp-Param-Region': '[object Object]' },
      'the Mcp-Param-Region header for params.arguments.region differs from the value in the body',
    ],
    [
      'what cannot be decoded',
      { region: 'a' },
      { 'Mcp-Param-Region': '=?base64?YQ?=' },
      'the Mcp-Param-Region header is marked as Base64 and is no padded Base64',
    ],
    [
      'invalid characters, though the body has the same',
      { region: 'ü' },
      { 'Mcp-Param-Region': 'ü' },
      'the Mcp-Param-Region header holds characters that must be encoded as Base64',
    ],
  ])('refuses %s [MCP-127] [MCP-140] [MCP-142]', (_, args, headers, message) => {
    expect(refusal(args, headers)).toMatchObject({ code: -32020, message, data: undefined })
  })
})

describe('a client', () => {
  test.each<[JsonObject | undefined, Record<string, string>]>([
    [undefined, {}],
    [{ region: null, at: { on: undefined } }, {}],
    [
      { region: 'a', count: -0, at: { on: false } },
      { Region: 'a', Count: '0', On: 'false' },
    ],
    [
      { region: '', count: 9007199254740991 },
      { Region: '', Count: '9007199254740991' },
    ],
    [{ region: ' a' }, { Region: '=?base64?IGE=?=' }],
    [{ region: ['a'], count: Number.NaN, at: true }, {}],
  ])('sends %j as %j [MCP-124]', (args, headers) => {
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [`Mcp-Param-${name}`, value]))
    expect(paramHeaderValues(list, args)).toEqual(named)
  })

  test('sends what a server accepts, whatever the arguments are [MCP-127]', () => {
    const text = fc.string({ unit: 'binary' }).map((any) => any.toWellFormed())
    const value = fc.oneof(text, fc.maxSafeInteger(), fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue())
    fc.assert(
      fc.property(fc.record({ region: value, count: value, at: fc.record({ on: value }) }), (written) => {
        const args: JsonObject = JSON.parse(JSON.stringify(written))
        expect(refusal(args, paramHeaderValues(list, args))).toBeUndefined()
      }),
    )
  })
})
