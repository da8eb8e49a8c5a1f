import { expect, test } from 'bun:test'
import { applicationType, checkRedirectUri } from './redirect.ts'

test.each(['http://localhost/cb', 'http://127.0.0.1:8080/', 'http://[::1]:1/cb', 'https://app.example.com/cb?a=b'])(
  '%s may be a redirect URI [MCP-272]',
  (uri) => {
    expect(() => checkRedirectUri(uri)).not.toThrow()
  },
)

test.each([
  'http://app.example.com/cb',
  'http://localhost.evil.example/cb',
  'javascript:alert(1)',
  'com.example.app:/cb',
  'https://user@app.example.com/cb',
  'https://app.example.com/cb#',
  '/cb',
])('%s may not [MCP-272]', (uri) => {
  expect(() => checkRedirectUri(uri)).toThrow(JSON.stringify(uri))
})

test('a program on the machine of the person is native, any other one is of the web [MCP-275]', () => {
  expect(applicationType('http://127.0.0.1:8080/cb')).toBe('native')
  expect(applicationType('http://localhost/cb')).toBe('native')
  expect(applicationType('https://app.example.com/cb')).toBe('web')
})
