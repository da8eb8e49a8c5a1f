import { expect, test } from 'bun:test'
import { createPkce, randomText } from './pkce.ts'

test('a challenge is the SHA-256 of its verifier, and no two are alike [MCP-265]', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => createPkce()))
  for (const { verifier, challenge } of all) {
    expect(verifier).toMatch(/^[\w-]{43}$/)
    expect(challenge).toBe(new Bun.CryptoHasher('sha256').update(verifier).digest('base64url'))
  }
  expect(new Set(all.map(({ verifier }) => verifier)).size).toBe(50)
  expect(randomText()).toMatch(/^[\w-]{43}$/)
})
