import { expect, test } from 'bun:test'
import { memory } from '../transports/memory.ts'
import { pinKey } from './pin-key.ts'

test('a server is known by its command or URL, whatever it is called and whoever logs in', async () => {
  const key = await pinKey('a', { command: 'bun', args: ['x.ts'], env: { TOKEN: '1' } })
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  expect(await pinKey('b', { type: 'stdio', command: 'bun', args: ['x.ts'], env: { TOKEN: '2' } })).toBe(key)
  expect(await pinKey('a', { command: 'bun', args: ['y.ts'] })).not.toBe(key)
  expect(await pinKey('a', { command: 'bun', args: ['x.ts'], cwd: '/tmp' })).not.toBe(key)
  const url = 'https://example.com/mcp'
  expect(await pinKey('a', { type: 'http', url })).toBe(await pinKey('b', { type: 'http', url: new URL(url) }))
  expect(await pinKey('a', { type: 'http', url })).not.toBe(await pinKey('a', { type: 'http', url: `${url}2` }))
})

test('a transport is known by its names, as its identity may be another in the next process', async () => {
  const make = (): ReturnType<typeof memory> => memory(() => undefined)
  expect(await pinKey('a', make())).toBe(await pinKey('a', make()))
  expect(await pinKey('a', make())).not.toBe(await pinKey('b', make()))
})
