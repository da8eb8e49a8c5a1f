import { expect, test } from 'bun:test'
import { absolutePath, environment, parseDotenv, readText, watchFile } from './config-files.ts'
import { parseToml } from './toml.ts'

test('a runtime without files says so', async () => {
  expect(environment()).toEqual({})
  expect(absolutePath('a.json')).toBe('a.json')
  await expect(readText('a.json')).rejects.toThrow(TypeError)
  expect(() => watchFile('a.json')).toThrow('"a.json" cannot be watched')
  expect(() => parseDotenv('A=1')).toThrow(TypeError)
  expect(parseToml('a = 1')).toMatchObject({ kind: 'fault' })
})
