import { describe, expect, test } from 'bun:test'
import {
  AnsweredError,
  ConnectionError,
  InvalidResultError,
  NegotiationError,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { discovered, initialized, LEGACY, MODERN } from '../testing/scripted-server.test.kit.ts'
import { afterDiscover, afterInitialize, type Evidence, type Facts, firstStep, type Ours, type Step } from './probe.ts'

const both: Ours = { stateless: statelessRevisions, handshake: handshakeRevisions }
const modernOnly: Ours = { stateless: statelessRevisions, handshake: [] }
const legacyOnly: Ours = { stateless: [], handshake: handshakeRevisions }

const result = (value: object): Evidence => ({ kind: 'result', result: { ...value } })
const error = (code: number, data?: unknown): Evidence => ({ kind: 'error', error: new RpcError(code, 'no', data) })
const supports = (...supported: string[]): Evidence => error(-32022, { supported, requested: MODERN })
const silence: Evidence = { kind: 'silence', error: new ConnectionError('timeout', 'no answer') }
const nonsense: Evidence = { kind: 'nonsense', error: new ConnectionError('unanswerable', 'no response') }
const gone: Evidence = { kind: 'ended', error: new ConnectionError('closed', 'gone') }

function facts(evidence: Evidence, more: Partial<Facts> & { asked: Revision }): Facts {
  const taken = { discover: 1, initialize: 0, oldest: 0, reopen: 0 }
  return { ours: both, evidence, silenceIsEvidence: true, reachesOldest: false, taken, unanswered: false, ...more }
}

function tell(step: Step): string {
  if (step.kind === 'modern' || step.kind === 'legacy') return `${step.kind} ${step.greeting.revision.version}`
  if (step.kind === 'fail') return `fail ${step.error.name}`
  return 'revision' in step ? `${step.kind} ${step.revision.version}` : step.kind
}

function revisionOf(version: string): Revision {
  const found = [...statelessRevisions, ...handshakeRevisions].find((revision) => revision.version === version)
  if (found === undefined) throw new Error(`no revision ${version}`)
  return found
}

const probed = { asked: revisionOf(MODERN) }
const offered = { asked: revisionOf(LEGACY), taken: { discover: 1, initialize: 1, oldest: 0, reopen: 0 } }
const reprobed = { ...probed, taken: { discover: 2, initialize: 1, oldest: 0, reopen: 0 } }

describe('a conversation begins', () => {
  test.each<[string, Ours, boolean, string]>([
    ['[MCP-038] with server/discover where both eras are spoken', both, false, 'discover 2026-07-28'],
    ['[MCP-042] with initialize where the server is known to end on being asked', both, true, 'initialize 2025-11-25'],
    ['[MCP-040] with server/discover where only the modern era is spoken', modernOnly, false, 'discover 2026-07-28'],
    ['with server/discover where there is no handshake to begin with', modernOnly, true, 'discover 2026-07-28'],
    ['[MCP-046] with initialize at the newest handshake version', legacyOnly, false, 'initialize 2025-11-25'],
  ])('%s', (_, ours, endsOnProbe, expected) => {
    expect(tell(firstStep(ours, endsOnProbe))).toBe(expected)
  })
})

describe('server/discover', () => {
  test.each<[string, Evidence, Partial<Facts>, string]>([
    ['with a mutual version is modern', result(discovered()), {}, 'modern 2026-07-28'],
    [
      'without resultType is complete [MCP-012]',
      result(discovered({ resultType: undefined })),
      {},
      'modern 2026-07-28',
    ],
    [
      'naming a newer version too is modern',
      result(discovered({ supportedVersions: ['2030-01-01', MODERN] })),
      {},
      'modern 2026-07-28',
    ],
    [
      'naming a shared legacy version leads to the handshake at it',
      result(discovered({ supportedVersions: ['2030-01-01', '2025-03-26', '2024-11-05'] })),
      {},
      'initialize 2025-03-26',
    ],
    [
      'naming no shared version fails',
      result(discovered({ supportedVersions: ['2030-01-01'] })),
      {},
      'fail NegotiationError',
    ],
    ['answered by an empty result is an old server', result({}), {}, 'initialize 2025-11-25'],
    [
      'without capabilities is an old server',
      result(discovered({ capabilities: undefined })),
      {},
      'initialize 2025-11-25',
    ],
    [
      'with versions that are no strings is an old server',
      result(discovered({ supportedVersions: [1] })),
      {},
      'initialize 2025-11-25',
    ],
    [
      'requiring input is an old server',
      result(discovered({ resultType: 'input_required' })),
      {},
      'initialize 2025-11-25',
    ],
    ['refused with a modern overlap is asked again [MCP-100]', supports(MODERN), {}, 'discover 2026-07-28'],
    ['refused twice fails', supports(MODERN), reprobed, 'fail NegotiationError'],
    [
      'refused with foreign modern versions fails without a handshake [MCP-041]',
      supports('2030-01-01'),
      {},
      'fail NegotiationError',
    ],
    ['refused without a list fails without a handshake [MCP-041]', error(-32022), {}, 'fail NegotiationError'],
    [
      'refused with legacy versions leads to the handshake',
      supports('2025-06-18', '2024-11-05'),
      {},
      'initialize 2025-06-18',
    ],
    [
      'refused with legacy versions fails when only modern ones may be spoken',
      supports('2025-06-18'),
      { ours: modernOnly },
      'fail NegotiationError',
    ],
    ['answered -32020 is surfaced [MCP-041]', error(-32020), {}, 'fail RpcError'],
    ['answered -32021 is surfaced [MCP-041]', error(-32021), {}, 'fail RpcError'],
    ['answered -32601 is an old server [MCP-039]', error(-32601), {}, 'initialize 2025-11-25'],
    ['answered -32602 is an old server [MCP-039]', error(-32602), {}, 'initialize 2025-11-25'],
    ['answered with a code of its own is an old server [MCP-039]', error(-32000), {}, 'initialize 2025-11-25'],
    ['answered by no response is an old server', nonsense, {}, 'initialize 2025-11-25'],
    ['left unanswered is an old server [MCP-039]', silence, {}, 'initialize 2025-11-25'],
    [
      'left unanswered is an outage where silence is no evidence',
      silence,
      { silenceIsEvidence: false },
      'fail ConnectionError',
    ],
    ['that ends the server leads to another start', gone, {}, 'reopen 2025-11-25'],
    ['that ends the connection is an outage where silence is no evidence', gone, { silenceIsEvidence: false }, 'dead'],
    ['that ends a server pinned to modern leaves it dead', gone, { ours: modernOnly }, 'dead'],
    [
      'answered by an error fails when only modern versions may be spoken',
      error(-32601),
      { ours: modernOnly },
      'fail NegotiationError',
    ],
    ['after a failed handshake does not lead back to it', silence, reprobed, 'fail NegotiationError'],
    [
      'after a failed handshake naming legacy versions does not lead back to it',
      supports(LEGACY),
      reprobed,
      'fail NegotiationError',
    ],
  ])('%s', (_, evidence, more, expected) => {
    expect(tell(afterDiscover(facts(evidence, { ...probed, ...more })))).toBe(expected)
  })

  test('carries over what the server said of itself', () => {
    const step = afterDiscover(facts(result(discovered({ instructions: 'be kind' })), probed))
    expect(step).toMatchObject({
      greeting: { instructions: 'be kind', serverInfo: { name: 'scripted' }, capabilities: { tools: {} } },
    })
  })

  test('a refusal names the versions of both sides', () => {
    const step = afterDiscover(facts(supports('2030-01-01'), probed))
    if (step.kind !== 'fail' || !(step.error instanceof NegotiationError)) throw new Error(tell(step))
    expect(step.error.theirs).toEqual(['2030-01-01'])
    expect(step.error.ours).toEqual([MODERN, LEGACY, '2025-06-18', '2025-03-26', '2024-11-05'])
    expect(step.error.message).toContain('2030-01-01')
    expect(step.error.cause).toBeInstanceOf(RpcError)
  })
})

describe('initialize', () => {
  const again = { ...offered, taken: { ...offered.taken, initialize: 2 } }
  const reopened = { ...offered, taken: { ...offered.taken, reopen: 1 } }
  const unprobed = { ...offered, taken: { discover: 0, initialize: 1, oldest: 0, reopen: 0 } }
  const pinned = { ours: { stateless: [], handshake: [revisionOf('2025-06-18')] } }
  test.each<[string, Evidence, Partial<Facts>, string]>([
    ['answered with its version is legacy', result(initialized()), {}, 'legacy 2025-11-25'],
    [
      'answered with an older version is legacy',
      result(initialized({ protocolVersion: '2024-11-05' })),
      {},
      'legacy 2024-11-05',
    ],
    [
      'answered with an unknown version fails',
      result(initialized({ protocolVersion: '2024-10-07' })),
      {},
      'fail NegotiationError',
    ],
    [
      'answered with a modern version fails, as that has no handshake',
      result(initialized({ protocolVersion: MODERN })),
      {},
      'fail NegotiationError',
    ],
    ['answered with another version than the pinned one fails', result(initialized()), pinned, 'fail NegotiationError'],
    ['answered without a version fails', result({ capabilities: {} }), {}, 'fail InvalidResultError'],
    ['answered without capabilities fails', result(initialized({ capabilities: null })), {}, 'fail InvalidResultError'],
    [
      'answered without a name is legacy all the same',
      result(initialized({ serverInfo: undefined })),
      {},
      'legacy 2025-11-25',
    ],
    [
      'refused by a modern server that was slow goes modern',
      supports(MODERN),
      { unanswered: true },
      'discover 2026-07-28',
    ],
    [
      'refused with modern versions in another error goes modern',
      error(-32602, { supported: [MODERN] }),
      {},
      'discover 2026-07-28',
    ],
    ['refused as unknown after silence goes modern', error(-32601), { unanswered: true }, 'discover 2026-07-28'],
    ['refused as unknown after an answer fails', error(-32601), {}, 'fail RpcError'],
    [
      'refused by a modern server fails where modern may not be spoken',
      supports(MODERN),
      { ours: legacyOnly },
      'fail NegotiationError',
    ],
    ['refused twice fails', supports(MODERN), again, 'fail NegotiationError'],
    [
      'refused with an older version is offered that',
      error(-32602, { supported: ['2024-11-05'] }),
      {},
      'initialize 2024-11-05',
    ],
    [
      'refused with the version that was offered fails',
      error(-32602, { supported: [LEGACY] }),
      {},
      'fail NegotiationError',
    ],
    ['refused for another reason fails with it', error(-32603), {}, 'fail RpcError'],
    ['answered by no response fails', nonsense, {}, 'fail ConnectionError'],
    ['that ends a server which was asked before leads to another start', gone, {}, 'reopen 2025-11-25'],
    ['that ends a server twice leaves it dead', gone, reopened, 'dead'],
    ['that ends a server which was not asked before leaves it dead', gone, unprobed, 'dead'],
  ])('%s', (_, evidence, more, expected) => {
    expect(tell(afterInitialize(facts(evidence, { ...offered, ...more })))).toBe(expected)
  })

  test('a malformed answer is no version mismatch', () => {
    const step = afterInitialize(facts(result({}), offered))
    expect(step.kind === 'fail' && step.error).toBeInstanceOf(InvalidResultError)
  })
})

describe('over HTTP', () => {
  const http = { ...probed, silenceIsEvidence: false, reachesOldest: true }
  const httpOffered = { ...offered, silenceIsEvidence: false, reachesOldest: true }
  const status = (code: number): Evidence => ({
    kind: 'refused',
    status: code,
    error: new ConnectionError('http_status', 'no', { status: code }),
  })
  const answered = (code: number, httpStatus: number): Evidence => ({
    kind: 'error',
    error: new AnsweredError(code, 'no', undefined, { status: httpStatus }),
  })
  const outage: Evidence = { kind: 'outage', error: new ConnectionError('unreachable', 'gone') }

  test.each<[string, Evidence, string]>([
    ['a 400 with nothing to recognise in it', status(400), 'initialize 2025-11-25'],
    ['a 404', status(404), 'initialize 2025-11-25'],
    ['a 405', status(405), 'initialize 2025-11-25'],
    ['a 406', status(406), 'initialize 2025-11-25'],
    ['a 415', status(415), 'initialize 2025-11-25'],
    ['-32601 under any status', answered(-32601, 404), 'initialize 2025-11-25'],
    ['an error of an older server', answered(-32000, 400), 'initialize 2025-11-25'],
    ['a modern error', answered(-32020, 400), 'fail AnsweredError'],
    ['a 401', status(401), 'fail ConnectionError'],
    ['a 403 with an error', answered(-32600, 403), 'fail AnsweredError'],
    ['a 500', status(500), 'fail ConnectionError'],
    ['a 503 with an error', answered(-31999, 503), 'fail AnsweredError'],
    ['an outage', outage, 'fail ConnectionError'],
    ['silence', silence, 'fail ConnectionError'],
  ])('[MCP-146] %s after server/discover', (_, evidence, expected) => {
    expect(tell(afterDiscover(facts(evidence, http))).replace('RpcError', 'AnsweredError')).toBe(expected)
  })

  test.each<[string, Evidence, string]>([
    ['a 400', status(400), 'oldest 2024-11-05'],
    ['a 404', status(404), 'oldest 2024-11-05'],
    ['a 405', status(405), 'oldest 2024-11-05'],
    ['a 404 with an error', answered(-32000, 404), 'oldest 2024-11-05'],
    ['a 401', status(401), 'fail ConnectionError'],
    ['a 500', status(500), 'fail ConnectionError'],
    ['an outage', outage, 'fail ConnectionError'],
  ])('[MCP-147] %s after initialize', (_, evidence, expected) => {
    expect(tell(afterInitialize(facts(evidence, httpOffered)))).toBe(expected)
  })

  test('the way of the oldest servers is tried once, and only where there is one', () => {
    const tried = { ...httpOffered, taken: { ...offered.taken, oldest: 1 } }
    expect(tell(afterInitialize(facts(status(404), tried)))).toBe('fail ConnectionError')
    expect(tell(afterInitialize(facts(status(404), offered)))).toBe('fail ConnectionError')
  })

  test('a way that is remembered is taken at once', () => {
    expect(tell(firstStep(both, false, 'handshake'))).toBe('initialize 2025-11-25')
    expect(tell(firstStep(both, false, 'oldest'))).toBe('oldest 2024-11-05')
    expect(tell(firstStep(modernOnly, false, 'oldest'))).toBe('discover 2026-07-28')
  })
})
