import { expect, test } from 'bun:test'
import { META } from './names.ts'

/** "labels MUST start with a letter and end with a letter or digit", and a name begins and ends alphanumeric. */
const PREFIXED = /^[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*\/[a-z0-9](?:[\w.-]*[a-z0-9])?$/i

test('the keys of _meta that this protocol has are its own, by their prefix and by the grammar of names [MCP-021]', () => {
  const { progressToken, ...others } = META
  expect(progressToken).toBe('progressToken')
  for (const key of Object.values(others)) {
    expect(key).toMatch(PREFIXED)
    expect(key).toStartWith('io.modelcontextprotocol/')
  }
})
