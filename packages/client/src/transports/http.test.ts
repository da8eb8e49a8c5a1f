import { expect, test } from 'bun:test'
import { bearer } from '../auth/authorizer.ts'
import { http, sse } from './http.ts'

test('the name leaves out what may be a secret', () => {
  const transport = http('https://mcp.test/path?key=s3cret#s3cret')
  expect(transport.name).toBe('http: https://mcp.test/path')
  expect(sse('http://mcp.test/sse?key=s3cret').name).toBe('sse: http://mcp.test/sse')
})

test('two transports to the same place in the same way are the same, and others are not', () => {
  const url = 'https://mcp.test/mcp?tenant=1'
  expect(http(url).identity).toBe(http(new URL(url)).identity)
  const all = [http(url), http('https://mcp.test/mcp?tenant=2'), sse(url), http(url, { auth: bearer('a') })]
  expect(new Set(all.map(({ identity }) => identity)).size).toBe(4)
  expect(all.at(-1)?.identity).not.toContain('Bearer a')
})

test.each(['', 'mcp.test', '/mcp', 'ftp://mcp.test', 'file:///mcp', 'http://', 'javascript:1'])(
  'what is no http or https URL is refused: %j',
  (url) => {
    expect(() => http(url)).toThrow(/http or https URL/)
  },
)

test.each([
  'https://ada:s3cret@mcp.test',
  'ftp://ada:s3cret@mcp.test',
  'ada:s3cret@mcp.test',
  'http://ada:s3cret@[oops',
])('credentials in a URL are refused and not shown: %j', (url) => {
  expect(() => http(url)).toThrow(TypeError)
  expect(() => http(url)).not.toThrow(/s3cret/)
})

test('silence of a server is no evidence of an older one, and the newest way is tried first', () => {
  expect(http('http://mcp.test')).toMatchObject({
    silenceIsEvidence: false,
    openings: ['stateless', 'handshake', 'oldest'],
  })
  expect(sse('http://mcp.test').openings).toEqual(['oldest'])
})

test('opening asks for nothing yet, unless it was given up before', async () => {
  const fetch = (): never => {
    throw new Error('it was asked')
  }
  const transport = http('http://mcp.test', { fetch })
  for (const opening of ['stateless', 'handshake'] as const) {
    const channel = await transport.open({ opening })
    await channel.close()
  }
  const reason = new Error('enough')
  await expect(transport.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test.each([
  [{ maxMessageBytes: 0 }, 'maxMessageBytes must be a number above 0, got 0'],
  [{ streamIdleTimeoutMs: Number.NaN }, 'streamIdleTimeoutMs must be a number above 0, got NaN'],
  [{ maxResumes: -1 }, 'maxResumes must be a number above -1, got -1'],
  [{ headers: { 'x-a': 'b\nc' } }, 'the header x-a has 3 characters'],
])('options that are none are refused by name before anything is sent: %j', (options, words) => {
  expect(() => http('http://mcp.test', options)).toThrow(words)
})

test('no limit at all may be asked for', () => {
  const none = Number.POSITIVE_INFINITY
  expect(() =>
    http('http://mcp.test', { maxMessageBytes: none, streamIdleTimeoutMs: none, maxResumes: 0 }),
  ).not.toThrow()
})

test.each(['s3cret', () => 's3cret', null, {}])(
  'auth that is no authorizer is refused and not shown: case %#',
  (auth) => {
    // what a program without types may hand in
    const options = { auth } as unknown as Parameters<typeof http>[1]
    expect(() => http('http://mcp.test', options)).toThrow(/auth must be an authorizer, such as bearer\(token\)/)
    expect(() => http('http://mcp.test', options)).not.toThrow(/s3cret/)
  },
)
