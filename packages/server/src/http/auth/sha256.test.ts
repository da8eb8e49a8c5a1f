import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sha256OfAscii } from './sha256.ts'

async function platformDigest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  let units = ''
  for (let index = 0; index < bytes.length; index += 2) {
    units += String.fromCharCode(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0))
  }
  return units
}

test('it is the digest of the platform for every length around the blocks', async () => {
  for (let length = 0; length <= 200; length++) {
    const text = 'x'.repeat(length)
    expect(sha256OfAscii(text)).toBe(await platformDigest(text))
  }
})

test('it is the digest of the platform for any text, whatever was digested before', async () => {
  const texts = fc.string({ unit: 'binary-ascii', maxLength: 6000 })
  await fc.assert(
    fc.asyncProperty(texts, async (text) => expect(sha256OfAscii(text)).toBe(await platformDigest(text))),
    { numRuns: 100 },
  )
})
