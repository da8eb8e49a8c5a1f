import { describe, expect, test } from 'bun:test'
import { eras } from '../testing/eras.ts'
import {
  type Direction,
  handshakeRevisions,
  type MethodRow,
  PROTOCOL_VERSIONS,
  type Revision,
  statelessRevisions,
} from './index.ts'

/** Written by hand from the specification: method, direction, and the first and last handshake revision or the stateless one. */
const HANDSHAKE_REQUESTS: readonly (readonly [string, Direction, since: string])[] = [
  ['initialize', 'client', '2024-11-05'],
  ['ping', 'both', '2024-11-05'],
  ['tools/list', 'client', '2024-11-05'],
  ['tools/call', 'client', '2024-11-05'],
  ['resources/list', 'client', '2024-11-05'],
  ['resources/templates/list', 'client', '2024-11-05'],
  ['resources/read', 'client', '2024-11-05'],
  ['resources/subscribe', 'client', '2024-11-05'],
  ['resources/unsubscribe', 'client', '2024-11-05'],
  ['prompts/list', 'client', '2024-11-05'],
  ['prompts/get', 'client', '2024-11-05'],
  ['completion/complete', 'client', '2024-11-05'],
  ['logging/setLevel', 'client', '2024-11-05'],
  ['sampling/createMessage', 'server', '2024-11-05'],
  ['roots/list', 'server', '2024-11-05'],
  ['elicitation/create', 'server', '2025-06-18'],
  ['tasks/get', 'both', '2025-11-25'],
  ['tasks/result', 'both', '2025-11-25'],
  ['tasks/list', 'both', '2025-11-25'],
  ['tasks/cancel', 'both', '2025-11-25'],
]

const HANDSHAKE_NOTICES: readonly (readonly [string, Direction, since: string])[] = [
  ['notifications/initialized', 'client', '2024-11-05'],
  ['notifications/cancelled', 'both', '2024-11-05'],
  ['notifications/progress', 'both', '2024-11-05'],
  ['notifications/message', 'server', '2024-11-05'],
  ['notifications/tools/list_changed', 'server', '2024-11-05'],
  ['notifications/prompts/list_changed', 'server', '2024-11-05'],
  ['notifications/resources/list_changed', 'server', '2024-11-05'],
  ['notifications/resources/updated', 'server', '2024-11-05'],
  ['notifications/roots/list_changed', 'client', '2024-11-05'],
  ['notifications/elicitation/complete', 'server', '2025-11-25'],
  ['notifications/tasks/status', 'both', '2025-11-25'],
]

const STATELESS_REQUESTS: readonly (readonly [string, MethodRow])[] = [
  ['completion/complete', { direction: 'client' }],
  ['prompts/get', { direction: 'client', asksForInput: true }],
  ['prompts/list', { direction: 'client', cacheable: true }],
  ['resources/list', { direction: 'client', cacheable: true }],
  ['resources/read', { direction: 'client', cacheable: true, asksForInput: true }],
  ['resources/templates/list', { direction: 'client', cacheable: true }],
  ['server/discover', { direction: 'client', cacheable: true }],
  ['subscriptions/listen', { direction: 'client' }],
  ['tools/call', { direction: 'client', asksForInput: true }],
  ['tools/list', { direction: 'client', cacheable: true }],
]

const STATELESS_NOTICES: readonly (readonly [string, Direction])[] = [
  ['notifications/cancelled', 'both'],
  ['notifications/message', 'server'],
  ['notifications/progress', 'server'],
  ['notifications/prompts/list_changed', 'server'],
  ['notifications/resources/list_changed', 'server'],
  ['notifications/resources/updated', 'server'],
  ['notifications/subscriptions/acknowledged', 'server'],
  ['notifications/tools/list_changed', 'server'],
]

const sorted = <T>(table: ReadonlyMap<string, T>): [string, T][] =>
  [...table].sort(([one], [other]) => (one < other ? -1 : 1))

test('every version is known, newest first, and each by one era word', () => {
  expect(PROTOCOL_VERSIONS).toEqual(['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])
  expect(statelessRevisions.map(({ version }) => version)).toEqual(['2026-07-28'])
  expect(handshakeRevisions.map(({ version }) => version)).toEqual(PROTOCOL_VERSIONS.slice(1))
  expect(eras).toEqual(['legacy', 'modern'])
})

describe.each(handshakeRevisions.map((revision): [string, Revision] => [revision.version, revision]))(
  '%s',
  (version, revision) => {
    test('has the methods of its time and no other', () => {
      const expected = HANDSHAKE_REQUESTS.filter(([, , since]) => since <= version)
      expect(sorted(revision.requests)).toEqual(
        sorted(new Map(expected.map(([method, direction]) => [method, { direction }]))),
      )
    })

    test('has the notices of its time and no other', () => {
      const expected = HANDSHAKE_NOTICES.filter(([, , since]) => since <= version)
      expect(sorted(revision.notices)).toEqual(
        sorted(new Map(expected.map(([method, direction]) => [method, direction]))),
      )
    })
  },
)

describe('2026-07-28', () => {
  const [revision] = statelessRevisions

  test("has its methods, all of them the client's, and no other [MCP-019]", () => {
    expect(sorted(revision?.requests ?? new Map())).toEqual(STATELESS_REQUESTS.map(([method, row]) => [method, row]))
  })

  test('has its notices and no other', () => {
    expect(sorted(revision?.notices ?? new Map())).toEqual(STATELESS_NOTICES.map(([method, by]) => [method, by]))
  })
})

test.each([
  ['2024-11-05', ['roots/list', 'sampling/createMessage'], false],
  ['2025-03-26', ['roots/list', 'sampling/createMessage'], true],
  ['2025-06-18', ['elicitation/create', 'roots/list', 'sampling/createMessage'], false],
  ['2025-11-25', ['elicitation/create', 'roots/list', 'sampling/createMessage'], false],
  ['2026-07-28', ['elicitation/create', 'roots/list', 'sampling/createMessage'], false],
] as const)('%s may ask for %j, and takes batches: %p', (version, inputs, batches) => {
  const revision = [...statelessRevisions, ...handshakeRevisions].find((one) => one.version === version)
  expect([...(revision?.inputs ?? [])].sort()).toEqual([...inputs])
  expect(revision?.batches).toBe(batches)
})

test.each([
  ['2024-11-05', -32002, undefined],
  ['2025-03-26', -32002, undefined],
  ['2025-06-18', -32002, undefined],
  ['2025-11-25', -32002, undefined],
  ['2026-07-28', -32602, -32021],
] as const)('the error codes of %s', (version, notFound, missingCapability) => {
  const revision = [...statelessRevisions, ...handshakeRevisions].find((one) => one.version === version)
  expect(revision?.errorCode('resource_not_found')).toBe(notFound)
  expect(revision?.errorCode('missing_client_capability')).toBe(missingCapability)
})
