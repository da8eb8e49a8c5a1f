import { expect, test } from 'bun:test'
import { secureUrl } from './secure-url.ts'

test('https is taken anywhere, http on loopback only [MCP-288]', () => {
  for (const good of ['https://x.example/a', 'http://127.0.0.1:9/', 'http://localhost:1', 'http://[::1]:2/']) {
    expect(secureUrl(good, 'it').href).toBe(new URL(good).href)
  }
  for (const bad of ['http://x.example/', 'http://127.0.0.1.x.example/', 'http://localhost.x.example', 'file:///a']) {
    expect(() => secureUrl(bad, 'auth.it')).toThrow('auth.it must be https, or http on loopback')
  }
})

test('what is no plain URL is refused by name, and a password is not repeated', () => {
  expect(() => secureUrl('/mcp', 'it')).toThrow('it must be an absolute URL, got "/mcp"')
  expect(() => secureUrl('https://x.example/#a', 'it')).toThrow('it must have no fragment')
  expect(() => secureUrl('https://ada:sesame@x.example/', 'it')).toThrow(/^it must not hold a user or password$/)
})
