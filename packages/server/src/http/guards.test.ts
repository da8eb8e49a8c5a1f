import { describe, expect, test } from 'bun:test'
import { ENDPOINT } from '../../test/http-kit.ts'
import { HttpFault } from './fault.ts'
import { createGuards, type GuardOptions } from './guards.ts'

interface Sent {
  host?: string
  origin?: string
  url?: string
}

/** The origin that may read the answer, none for who is no page, or the status of the refusal. */
function verdict(options: GuardOptions, { host, origin, url = ENDPOINT }: Sent): string | number | undefined {
  return verdicts(options, [{ ...(host !== undefined && { host }), ...(origin !== undefined && { origin }), url }])[0]
}

/** Likewise, for requests that come one after the other. */
function verdicts(options: GuardOptions, all: readonly Sent[]): (string | number | undefined)[] {
  const guards = createGuards(options)
  return all.map(({ host, origin, url = ENDPOINT }) => {
    const headers = new Headers()
    if (host !== undefined) headers.set('host', host)
    if (origin !== undefined) headers.set('origin', origin)
    try {
      return guards.check(new Request(url, { headers }))
    } catch (refusal) {
      if (refusal instanceof HttpFault) return refusal.status
      throw refusal
    }
  })
}

describe('the host, by default', () => {
  test('is one of the loopback interface, at any port and in any case', () => {
    for (const host of ['localhost', 'localhost:8080', 'LocalHost:1', '127.0.0.1:80', '[::1]', '[::1]:65535']) {
      expect([host, verdict({}, { host })]).toEqual([host, undefined])
    }
  })

  test('is nothing that only looks like it', () => {
    const others = [
      'evil.com',
      'localhost.evil.com',
      'evil-localhost',
      'localhost.',
      'localhost:8080:9090',
      'localhost:8080@evil.com',
      'localhost@evil.com:8080',
      'user@localhost',
      'localhost/evil.com',
      'localhost:port',
      'localhost,evil.com',
      '127.0.0.1.evil.com',
      '127.0.0.2',
      '0.0.0.0:8080',
      '2130706433',
      '::1',
      '[::1',
      '[::1].evil.com',
      '[::2]:8080',
      '',
    ]
    for (const host of others) expect([host, verdict({}, { host })]).toEqual([host, 403])
  })

  test('is read from the URL of a request that was made by hand', () => {
    expect(verdict({}, { url: 'http://localhost:1/mcp' })).toBeUndefined()
    expect(verdict({}, { url: 'http://evil.com/mcp' })).toBe(403)
    expect(verdict({}, { url: 'http://localhost@evil.com/mcp' })).toBe(403)
  })
})

test('a request that tells no host at all is refused', () => {
  // as a server makes it of HTTP/1.0
  const request = new Request(ENDPOINT)
  Object.defineProperty(request, 'url', { value: '/mcp' })
  expect(() => createGuards({}).check(request)).toThrow('the host "" is not one this server is reached under')
  expect(createGuards({ allowedHosts: 'any' }).check(request)).toBeUndefined()
})

describe('allowed hosts', () => {
  test('are compared without case, with and without a port, and replace those of the loopback interface', () => {
    const options: GuardOptions = { allowedHosts: ['MCP.example.com', 'other.example.com:8443', '[2001:DB8::1]'] }
    const welcome = ['mcp.example.com', 'MCP.EXAMPLE.COM:99', 'other.example.com:8443', '[2001:db8::1]:80']
    for (const host of welcome) expect([host, verdict(options, { host })]).toEqual([host, undefined])
    const refused = ['other.example.com', 'other.example.com:80', 'localhost', 'x.mcp.example.com', 'example.com']
    for (const host of refused) expect([host, verdict(options, { host })]).toEqual([host, 403])
  })

  test('can be any, where something in front has checked them', () => {
    expect(verdict({ allowedHosts: 'any' }, { host: 'whatever.example.com' })).toBeUndefined()
  })

  test('are names, and nothing else is taken for one', () => {
    const none = ['https://mcp.example.com', 'mcp.example.com/mcp', '*', '*.example.com', '', '::1', 'a b', 'user@host']
    for (const name of none) {
      expect(() => createGuards({ allowedHosts: [name] })).toThrow(
        new TypeError(
          `allowedHosts: ${JSON.stringify(name)} is no host name, which has no scheme, path or asterisk; ` +
            "'any' in place of the list allows all",
        ),
      )
    }
    for (const name of ['localhost.', 'a_b', '10.0.0.1:80', '[::1]']) createGuards({ allowedHosts: [name] })
  })

  test('are a list, as origins are', () => {
    // proof: what plain JavaScript may pass, which the types refuse
    const name = 'mcp.example.com' as unknown as readonly string[]
    expect(() => createGuards({ allowedHosts: name })).toThrow(
      new TypeError(`allowedHosts must be a list or 'any', got "mcp.example.com"`),
    )
    expect(() => createGuards({ allowedOrigins: name })).toThrow(
      new TypeError('allowedOrigins must be a list, got "mcp.example.com"'),
    )
  })

  test('can be none', () => {
    expect(verdict({ allowedHosts: [] }, { host: 'localhost' })).toBe(403)
  })
})

describe('the page', () => {
  test('is none for most clients', () => {
    expect(verdict({}, { host: 'localhost:8080' })).toBeUndefined()
  })

  test('may be one of the loopback interface by default, at any port [MCP-108]', () => {
    for (const origin of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:9']) {
      expect(verdict({}, { host: 'localhost:8080', origin })).toBe(origin)
    }
  })

  test('is refused from anywhere else [MCP-108, MCP-109]', () => {
    const others = [
      'http://evil.com',
      'https://localhost.evil.com',
      'http://evil-localhost:8080',
      'http://localhost.:8080',
      'http://localhost:8080@evil.com',
      'http://evil.com@localhost:8080',
      'http://user:secret@localhost:8080',
      'http://localhost:8080/path',
      'http://localhost:8080?query',
      'http://localhost:8080#hash',
      'http://localhost:8080 http://evil.com',
      'http://localhost:99999',
      'http://[::2]',
      'file://localhost',
      'chrome-extension://localhost',
      'data:text/html,localhost',
      'localhost',
      'null',
      '*',
      '',
    ]
    for (const origin of others)
      expect([origin, verdict({}, { host: 'localhost:8080', origin })]).toEqual([origin, 403])
  })

  test('may be of the same host and port, and of no other port of it', () => {
    const options: GuardOptions = { allowedHosts: ['mcp.example.com'] }
    const from = (origin: string): unknown => verdict(options, { host: 'MCP.example.com:8443', origin })
    expect(from('https://mcp.example.com:8443')).toBe('https://mcp.example.com:8443')
    for (const origin of ['https://mcp.example.com', 'https://mcp.example.com:1', 'http://localhost:8443']) {
      expect([origin, from(origin)]).toEqual([origin, 403])
    }
  })

  test('may be one that is allowed by name, and then no other one of the loopback interface', () => {
    const options: GuardOptions = { allowedOrigins: ['https://App.example.com:443', 'http://localhost:3000/'] }
    const from = (origin: string): unknown => verdict(options, { host: 'localhost:8080', origin })
    for (const origin of ['https://app.example.com', 'http://localhost:3000', 'http://localhost:8080']) {
      expect(from(origin)).toBe(origin)
    }
    for (const origin of ['http://app.example.com', 'https://app.example.com:444', 'http://localhost:3001', 'null']) {
      expect([origin, from(origin)]).toEqual([origin, 403])
    }
  })

  test('is told which one it is, and which option lets it in', () => {
    const guards = createGuards({})
    const request = (headers: Record<string, string>): Request => new Request(ENDPOINT, { headers })
    expect(() => guards.check(request({ host: 'localhost', origin: 'http://evil.com' }))).toThrow(
      'pages of "http://evil.com" may not call this server (allowedOrigins)',
    )
    expect(() => guards.check(request({ host: 'evil.com' }))).toThrow(
      'the host "evil.com" is not one this server is reached under (allowedHosts)',
    )
  })
})

test('a verdict that is kept is that of the same host and the same page', () => {
  const host = 'localhost:8080'
  const origin = 'http://localhost:3000'
  const all = [{ host }, { host, origin: '' }, { host, origin }, { host: 'evil.com', origin }, { host, origin }]
  expect(verdicts({}, all)).toEqual([undefined, 403, origin, 403, origin])
  expect(verdicts({ allowedHosts: 'any' }, [{ host: `a http://b` }, { host: 'a', origin: 'http://b' }])).toEqual([
    undefined,
    403,
  ])
})

test('what is no origin cannot be allowed', () => {
  for (const origin of ['localhost', 'null', '*', 'http://localhost/path', 'https://user@localhost', '']) {
    expect(() => createGuards({ allowedOrigins: [origin] })).toThrow(
      `allowedOrigins: ${JSON.stringify(origin)} is no origin`,
    )
  }
})
