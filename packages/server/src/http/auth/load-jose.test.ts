import { expect, test } from 'bun:test'
import { loadJose } from './load-jose.ts'

test('without the package the error names it and how to get it', async () => {
  const missing = new Error("Cannot find package 'jose'")
  const loading = loadJose(() => Promise.reject(missing))
  await expect(loading).rejects.toThrow('the package jose, which is not installed: bun add jose')
  await expect(loading).rejects.toHaveProperty('cause', missing)
})

test('it loads what the verifier uses', async () => {
  expect(typeof (await loadJose()).jwtVerify).toBe('function')
})
