import { describe, expect, test } from 'bun:test'
import { type Nearness, nearnessOf, safeUrl, withoutQuery } from './safe-url.ts'

const at = (url: string): URL => new URL(url)
const named = (text: unknown, by: string = 'https://mcp.example.com'): URL =>
  safeUrl(text, { what: 'token_endpoint', namedBy: at(by) })

describe('how near a host is', () => {
  const cases: [string, Nearness][] = [
    ['localhost', 'loopback'],
    ['LOCALHOST.', 'loopback'],
    ['api.localhost', 'loopback'],
    ['127.0.0.1', 'loopback'],
    ['127.8.8.8', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['2130706433', 'loopback'],
    ['0x7f.1', 'loopback'],
    ['[::1]', 'loopback'],
    ['[::]', 'loopback'],
    ['[::ffff:127.0.0.1]', 'loopback'],
    ['[64:ff9b::7f00:1]', 'loopback'],
    ['[2002:7f00:1::]', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['224.0.0.1', 'private'],
    ['255.255.255.255', 'private'],
    ['[::ffff:10.0.0.1]', 'private'],
    ['[fe80::1]', 'private'],
    ['[fd00:ec2::254]', 'private'],
    ['[ff02::1]', 'private'],
    ['[2001:db8::1]', 'private'],
    ['metadata', 'private'],
    ['printer.local', 'private'],
    ['metadata.google.internal', 'private'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['[2606:4700::1111]', 'public'],
    ['example.com', 'public'],
    ['localhost.example.com', 'public'],
  ]
  test.each(cases)('%s is %s', (host, nearness) => {
    expect(nearnessOf(at(`https://${host}/`))).toBe(nearness)
  })
})

describe('a URL that a server named', () => {
  test('is taken when it is https, and on loopback also http [MCP-288]', () => {
    expect(named('https://login.example.com/token?a=b').href).toBe('https://login.example.com/token?a=b')
    expect(named('http://localhost:1/token', 'http://127.0.0.1:2').href).toBe('http://localhost:1/token')
  })

  test.each([
    ['http://login.example.com/', 'must be https'],
    ['javascript:alert(document.cookie)//', 'must be https'],
    ['data:text/html,hello', 'must be https'],
    ['file:///etc/passwd', 'must be https'],
    ['vbscript:x', 'must be https'],
    ['ftp://login.example.com/', 'must be https'],
    ['https://user:pass@login.example.com/', 'user or password'],
    ['https://login.example.com/#a', 'no fragment'],
    ['/token', 'absolute URL'],
    ['https://login.example.com/\u001b[2Jowned', 'control character'],
    ['https://login.example.com/\nyour account was closed', 'control character'],
    ['https://login.example.com/\u202ehtap', 'control character'],
    [7, 'absolute URL'],
  ])('is refused when it is %j [MCP-289]', (text, words) => {
    expect(() => named(text)).toThrow(words)
    expect(() => named(text)).toThrow('token_endpoint')
  })

  test.each([
    ['https://169.254.169.254/latest', 'https://mcp.example.com'],
    ['https://10.0.0.1/', 'https://mcp.example.com'],
    ['https://[fd00::1]/', 'https://mcp.example.com'],
    ['https://localhost/', 'https://mcp.example.com'],
    ['http://127.0.0.1:9000/', 'https://mcp.example.com'],
    ['https://127.0.0.1/', 'https://10.0.0.1'],
  ])('is refused when it leads to %s and %s named it [MCP-290]', (text, by) => {
    expect(() => named(text, by)).toThrow('was named by')
  })

  test('may lead to where its namer is, and further away', () => {
    expect(named('https://10.0.0.2/', 'https://10.0.0.1').hostname).toBe('10.0.0.2')
    expect(named('https://login.example.com/', 'http://localhost:3000').hostname).toBe('login.example.com')
  })

  test('is shown without its query, and without what follows a scheme that has no host', () => {
    expect(withoutQuery(at('https://a.example/b?token=c#d'))).toBe('https://a.example/b')
    expect(withoutQuery(at('javascript:alert(1)'))).toBe('javascript:')
    expect(() => named('http://login.example.com/?token=secret')).not.toThrow('secret')
  })
})
