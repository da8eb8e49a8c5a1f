import { expect, test } from 'bun:test'
import { DEFAULT_CLIENT_INFO } from '@bao-mcp/client'
import manifest from '@bao-mcp/client/package.json' with { type: 'json' }

test('a client tells servers the version of its package, as `bun scripts/release-client-info.ts` writes it', () => {
  expect(DEFAULT_CLIENT_INFO.version).toBe(manifest.version)
})
