import { expect, test } from 'bun:test'
import { failure } from '../testing/failure.test.kit.ts'
import { loadJose } from './load-jose.ts'

test('without the package the error names it, who needs it and how to get it', async () => {
  const missing = new Error("Cannot find package 'jose'")
  const error = await failure(loadJose('DPoP', () => Promise.reject(missing)))
  expect(error).toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('DPoP needs the package jose, which is not installed: bun add jose'),
    cause: missing,
  })
})

test('with the package it gives what signs', async () => {
  expect(typeof (await loadJose('DPoP')).SignJWT).toBe('function')
})
