import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { JsonObject } from '../../jsonrpc/message.ts'
import type { Round } from '../../outcome.ts'
import type { ClientIdentity } from '../revision.ts'
import { revision20260728 as revision } from './index.ts'

const PREFIX = 'io.modelcontextprotocol/'
const identity: ClientIdentity = { info: { name: 'c', version: '1' }, capabilities: { elicitation: { form: {} } } }
const meta: JsonObject = {
  [`${PREFIX}protocolVersion`]: '2026-07-28',
  [`${PREFIX}clientCapabilities`]: { elicitation: { form: {} } },
  [`${PREFIX}clientInfo`]: { name: 'c', version: '1' },
}

describe('attach', () => {
  test('puts version, capabilities and client info into every request [MCP-089]', () => {
    expect(revision.attach(undefined, identity)).toEqual({ _meta: meta })
    expect(revision.attach({ name: 'a' }, identity)).toEqual({ name: 'a', _meta: meta })
    const logging = { ...identity, logLevel: 'info' as const }
    expect(revision.attach({}, logging)).toEqual({ _meta: { ...meta, [`${PREFIX}logLevel`]: 'info' } })
  })

  test('keeps other metadata, lets none of it forge its own, and changes nothing that was given', () => {
    const given = Object.freeze({ a: 1, _meta: Object.freeze({ traceparent: 't', [`${PREFIX}protocolVersion`]: 'x' }) })
    expect(revision.attach(given, identity)).toEqual({ a: 1, _meta: { traceparent: 't', ...meta } })
    expect(revision.attach({ _meta: 'odd' }, identity)).toEqual({ _meta: meta })
  })
})

describe('lift', () => {
  test('takes from a request what attach put there', () => {
    const params = revision.attach({ _meta: { progressToken: 'p' } }, { ...identity, logLevel: 'error' })
    expect(revision.lift(params, undefined)).toEqual({
      revision,
      clientCapabilities: identity.capabilities,
      clientInfo: identity.info,
      logLevel: 'error',
      progressToken: 'p',
    })
  })

  test('needs version and capabilities only, and remembers nothing [MCP-093, MCP-094]', () => {
    const first = revision.lift(revision.attach(undefined, { ...identity, logLevel: 'error' }), undefined)
    const bare = { [`${PREFIX}protocolVersion`]: '2026-07-28', [`${PREFIX}clientCapabilities`]: {}, unknown: 1 }
    expect(revision.lift({ _meta: bare }, first)).toEqual({
      revision,
      clientCapabilities: {},
      clientInfo: undefined,
      logLevel: undefined,
      progressToken: undefined,
    })
  })

  const without = (key: string): JsonObject => {
    const { [`${PREFIX}${key}`]: _left, ...rest } = meta
    return rest
  }

  test.each<[string, JsonObject | undefined]>([
    ['params._meta is missing', undefined],
    ['params._meta is missing', {}],
    ['params._meta is missing', { _meta: null }],
    ['params._meta is missing', { _meta: [] }],
    ['"io.modelcontextprotocol/protocolVersion"', { _meta: without('protocolVersion') }],
    ['"io.modelcontextprotocol/protocolVersion"', { _meta: { ...meta, [`${PREFIX}protocolVersion`]: 20260728 } }],
    ['"io.modelcontextprotocol/clientCapabilities"', { _meta: without('clientCapabilities') }],
    ['"io.modelcontextprotocol/clientCapabilities"', { _meta: { ...meta, [`${PREFIX}clientCapabilities`]: [] } }],
    ['"io.modelcontextprotocol/clientInfo"', { _meta: { ...meta, [`${PREFIX}clientInfo`]: { name: 'c' } } }],
    ['"io.modelcontextprotocol/clientInfo"', { _meta: { ...meta, [`${PREFIX}clientInfo`]: null } }],
    ['"io.modelcontextprotocol/logLevel"', { _meta: { ...meta, [`${PREFIX}logLevel`]: 'loud' } }],
    ['"progressToken"', { _meta: { ...meta, progressToken: 1.5 } }],
    ['"progressToken"', { _meta: { ...meta, progressToken: null } }],
  ])('refuses with -32602 when %s is not as it must be [MCP-062, MCP-091] (%#)', (words, params) => {
    expect(() => revision.lift(params, undefined)).toThrow(
      expect.objectContaining({ name: 'RpcError', code: -32602, message: expect.stringContaining(words) }),
    )
  })
})

describe('rounds', () => {
  test('come back exactly as they were given [MCP-190, MCP-191]', () => {
    const rounds = fc.record({
      responses: fc.dictionary(fc.string(), fc.dictionary(fc.string(), fc.jsonValue())),
      state: fc.option(fc.string(), { nil: undefined }),
    })
    const params = fc.option(fc.record({ name: fc.string() }), { nil: undefined })
    fc.assert(
      fc.property(params, rounds, (original, round: Round) => {
        const resumed = revision.resume(original, round)
        expect('requestState' in resumed).toBe(round.state !== undefined)
        const onWire = JSON.parse(JSON.stringify(resumed)) as JsonObject
        expect(revision.round(onWire)).toEqual({
          responses: JSON.parse(JSON.stringify(round.responses)),
          state: round.state,
        })
        expect(resumed).toMatchObject(original ?? {})
      }),
      { numRuns: 1000 },
    )
  })

  test('replace those before them, and an old state is not sent again [MCP-191]', () => {
    const first = revision.resume({ name: 'a' }, { responses: { x: { a: 1 } }, state: 'one' })
    expect(first).toEqual({ name: 'a', inputResponses: { x: { a: 1 } }, requestState: 'one' })
    expect(revision.resume(first, { responses: { y: {} }, state: undefined })).toEqual({
      name: 'a',
      inputResponses: { y: {} },
    })
  })

  test.each<[JsonObject | undefined, Round | undefined]>([
    [undefined, undefined],
    [{ name: 'a' }, undefined],
    [{ requestState: '' }, { responses: {}, state: '' }],
    [{ inputResponses: {} }, { responses: {}, state: undefined }],
  ])('are read from %j', (params, round) => {
    expect(revision.round(params)).toEqual(round)
  })

  test.each<[JsonObject]>([
    [{ inputResponses: [] }],
    [{ inputResponses: null }],
    [{ inputResponses: { a: 'x' } }],
    [{ requestState: null }],
    [{ requestState: 5 }],
    [{ inputResponses: {}, requestState: {} }],
  ])('of another structure are refused: %j', (params) => {
    expect(() => revision.round(params)).toThrow(expect.objectContaining({ code: -32602 }))
  })
})
