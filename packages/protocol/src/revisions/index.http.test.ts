import { expect, test } from 'bun:test'
import { handshakeRevisions, type Revision, statelessRevisions } from './index.ts'

function revisionOf(version: string): Revision {
  const revision = [...statelessRevisions, ...handshakeRevisions].find((one) => one.version === version)
  if (revision === undefined) throw new Error(`there is no revision ${version}`)
  return revision
}

// primes, resumes
test.each([
  ['2024-11-05', false, false, false],
  ['2025-03-26', false, true, false],
  ['2025-06-18', false, true, false],
  ['2025-11-25', true, true, false],
  ['2026-07-28', false, false, true],
])('%s primes streams: %p, resumes them: %p, tells the kind of a result: %p', (version, primes, resumes, types) => {
  const { http, resultTypes } = revisionOf(version)
  expect([http.primesStreams, http.resumesStreams, resultTypes]).toEqual([primes, resumes, types])
})

test.each([
  ['2024-11-05', undefined],
  ['2025-03-26', undefined],
  ['2025-06-18', '2025-06-18'],
  ['2025-11-25', '2025-11-25'],
  ['2026-07-28', '2026-07-28'],
])('a client of %s sends the version header %p', (version, header) => {
  const headers = new Headers(revisionOf(version).http.headersOf({ method: 'tools/list' }))
  expect(headers.get('mcp-protocol-version') ?? undefined).toBe(header)
})

/** The codes whose status is not 200, and the code of malformed params, which is in band. */
test.each([
  [-32700, 400, 400],
  [-32600, 200, 400],
  [-32601, 200, 404],
  [-32602, 200, 200],
  [-32603, 200, 200],
  [-32020, 200, 400],
  [-32021, 200, 400],
  [-32022, 200, 400],
  [-32002, 200, 200],
  [-31999, 503, 503],
  [-31998, 403, 403],
  [-31997, 503, 503],
  [1, 200, 200],
])('an error %i answers with %i, or %i where requests stand alone [MCP-126] [MCP-128] [MCP-131]', (code, old, now) => {
  for (const { http } of handshakeRevisions) expect(http.statusOf(code)).toBe(old)
  for (const { http } of statelessRevisions) expect(http.statusOf(code)).toBe(now)
})

test('what is no request has the status 400 everywhere', () => {
  for (const { http } of [...handshakeRevisions, ...statelessRevisions]) expect(http.malformedStatus).toBe(400)
})
