import { expect, test } from 'bun:test'
import { readBundleDefinition } from './bundle-definition.ts'

const good = {
  name: 'com.example/clock',
  description: 'Tells the time.',
  entry: 'src/main.ts',
  author: 'nobody',
  license: 'MIT',
  repository: 'https://example.com/clock',
  keywords: ['time'],
  settings: [],
}
const zone = { env: 'ZONE', title: 'Zone', description: 'A time zone.' }

test('reads a definition, and takes a setting for optional and open unless it says otherwise', () => {
  expect(readBundleDefinition({ ...good, settings: [zone] })).toEqual({
    ...good,
    settings: [{ ...zone, required: false, secret: false }],
  })
  const [setting] = readBundleDefinition({ ...good, settings: [{ ...zone, secret: true, default: 'UTC' }] }).settings
  expect(setting).toEqual({ ...zone, required: false, secret: true, default: 'UTC' })
})

test.each([
  ['the definition is not an object', []],
  ['"entry" is not a text with something in it', { ...good, entry: undefined }],
  ['"name" is "clock" and not a reversed domain, a slash and a name', { ...good, name: 'clock' }],
  ['"description" is longer than 100 characters', { ...good, description: 'x'.repeat(101) }],
  ['"repository" is no https URL', { ...good, repository: 'git@example.com' }],
  ['"keywords" is not an array', { ...good, keywords: 'time' }],
  ['"keywords[0]" is not a text with something in it', { ...good, keywords: [1] }],
  ['"icon" is unknown', { ...good, icon: 'x.png' }],
  [
    '"settings[0].env" is time zone and no environment variable',
    { ...good, settings: [{ ...zone, env: 'time zone' }] },
  ],
  ['"sensitive" is unknown', { ...good, settings: [{ ...zone, sensitive: true }] }],
])('refuses a definition: %s', (message, value) => {
  expect(() => readBundleDefinition(value)).toThrow(message)
})
