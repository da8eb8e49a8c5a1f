import { expect, test } from 'bun:test'
import { HUB_LOST, INSUFFICIENT_SCOPE, SERVER_BUSY } from '../jsonrpc/errors.ts'
import { HEADER_MISMATCH, MISSING_CLIENT_CAPABILITY, UNSUPPORTED_PROTOCOL_VERSION } from '../names.ts'
import { handshakeRevisions, statelessRevisions } from './index.ts'

const REVISIONS = [...statelessRevisions, ...handshakeRevisions]
const page = { mode: 'url', url: 'https://example.com/pay', elicitationId: 'e', message: 'Pay' }

function admitted(code: number, data?: unknown): string[] {
  return REVISIONS.filter((revision) => revision.admitsError({ code, data })).map(({ version }) => version)
}

const ALL = REVISIONS.map(({ version }) => version)
const HANDSHAKES = handshakeRevisions.map(({ version }) => version)

test('codes of applications and of JSON-RPC are free in every revision', () => {
  for (const code of [1, 0, -1, -31_000, -32_000, -32_019, -32_100, -32_602, -32_603])
    expect(admitted(code)).toEqual(ALL)
})

test('of the codes kept for the protocol since 2026-07-28 a handler has the one it may ask with [MCP-014] [MCP-015]', () => {
  for (let code = -32_099; code <= -32_020; code++) {
    const isOpen = code === MISSING_CLIENT_CAPABILITY
    expect([code, admitted(code).includes('2026-07-28')]).toEqual([code, isOpen])
  }
  expect(admitted(HEADER_MISMATCH)).toEqual(HANDSHAKES)
  expect(admitted(UNSUPPORTED_PROTOCOL_VERSION)).toEqual(HANDSHAKES)
})

test('codes of the past stay in the past [MCP-016]', () => {
  expect(admitted(-32_002)).toEqual(HANDSHAKES)
  expect(admitted(-32_042, { elicitations: [page] })).toEqual(HANDSHAKES)
})

test.each([
  [undefined],
  [{}],
  [{ elicitations: [] }],
  [{ elicitations: [page, { ...page, mode: 'form' }] }],
  [{ elicitations: [{ ...page, elicitationId: undefined }] }],
  [{ elicitations: page }],
])('-32042 means pages to visit and nothing else, so not %j [MCP-255]', (data) => {
  expect(admitted(-32_042, data)).toEqual([])
})

test('the codes of our own lie outside the range that is kept for others [MCP-018]', () => {
  for (const code of [SERVER_BUSY, INSUFFICIENT_SCOPE, HUB_LOST]) {
    expect(code < -32_768 || code > -32_000).toBeTrue()
  }
})
