import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openBao } from './drivers/bao.ts'
import type { Driver } from './drivers/driver.ts'
import { openOfficialV2 } from './drivers/official-v2.ts'
import { underBun } from './launches.ts'

setDefaultTimeout(30_000)

const HANDSHAKES = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']
const MODERN = '2026-07-28'

type Opener = (version: string) => Promise<Driver>

const pairs: [name: string, versions: string[], open: Opener][] = [
  ['our client -> official v1 server', HANDSHAKES, (version) => openBao(underBun('official-v1-server'), version)],
  [
    'our client -> official v2 server',
    [...HANDSHAKES, MODERN],
    (version) => openBao(underBun('official-v2-server'), version),
  ],
  [
    'official v2 client -> our server',
    HANDSHAKES,
    (version) => openOfficialV2(underBun('bao-server'), { mode: 'legacy', supportedProtocolVersions: [version] }),
  ],
]

describe.each(pairs)('%s', (_, versions, open) => {
  test.each(versions)('agrees to %s and speaks it [MCP-047]', async (version) => {
    await using client = await open(version)
    expect(client.version).toBe(version)
    expect(await client.listTools()).toContain('echo')
    expect((await client.call('echo', { text: version })).text).toBe(version)
    expect((await client.call('sum', { a: 1, b: 2 })).text).toContain('3')
  })
})

test('our client pinned to the modern era tells a server of the older one that they share no version [MCP-041]', async () => {
  const failure = await openBao(underBun('official-v1-server'), 'modern').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(String(failure)).toContain(MODERN)
})
