import { describe, expect, test } from 'bun:test'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { followHere, send, startOAuthWorld } from '../../test/oauth-kit.ts'
import { failure } from '../testing/failure.test.kit.ts'
import { type LoopbackRedirectOptions, loopbackRedirect } from './loopback-redirect.ts'
import { oauth } from './oauth.ts'
import { memoryTokens } from './token-store.ts'

const LOGIN = new URL('https://login.example.com/authorize?state=abc&client_id=me')

/** A visit whose URL was shown to a person, with what the person can do. */
async function shown(options: LoopbackRedirectOptions = {}) {
  const opened = Promise.withResolvers<URL>()
  const openBrowser = (url: URL): boolean => {
    opened.resolve(url)
    return true
  }
  const visit = await loopbackRedirect({ openBrowser, ...options }).open({ preferred: [] })
  const control = new AbortController()
  const answer = visit.follow(LOGIN, { signal: control.signal })
  answer.catch(() => {
    // each test that cares awaits it itself
  })
  await opened.promise
  return { visit, answer, control, opened: await opened.promise, go: (query: string) => fetch(visit.uri + query) }
}

describe('the end of a login', () => {
  test('comes to a port of this machine, and the person reads so', async () => {
    const { visit, answer, opened, go } = await shown()
    await using _visit = visit
    expect(opened).toEqual(LOGIN)
    expect(visit.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    const page = await go('?code=1&state=abc')
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await page.text()).toContain('You can close this window')
    expect((await answer).href).toBe(`${visit.uri}?code=1&state=abc`)
  })

  test('is taken once, and nothing else is taken for it [MCP-272]', async () => {
    const { visit, answer, go } = await shown()
    await using _visit = visit
    const port = new URL(visit.uri).port
    const statuses = [
      await go('?code=evil&state=other'),
      await go('?code=evil'),
      await go('/../other?state=abc'),
      await fetch(visit.uri.replace('/callback', '/favicon.ico')),
      await fetch(`${visit.uri}?code=evil&state=abc`, { method: 'POST' }),
      await fetch(`${visit.uri}?code=evil&state=abc`, { headers: { host: `evil.example:${port}` } }),
      await go('?code=1&state=abc'),
      await go('?code=2&state=abc'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([400, 400, 404, 404, 400, 400, 200, 404])
    expect((await answer).searchParams.get('code')).toBe('1')
  })

  test('shows nothing of what was sent', async () => {
    const { visit, go } = await shown()
    await using _visit = visit
    const page = await go('?error=%3Cscript%3Ealert(1)%3C/script%3E&state=abc')
    expect(await page.text()).not.toContain('alert')
    expect(page.headers.get('content-security-policy')).toBe("default-src 'none'")
  })

  test('that does not come is an error with the name of the limit', async () => {
    const clock = createFakeClock()
    const { visit, answer } = await shown({ clock, loginTimeoutMs: 60_000 })
    await using _visit = visit
    await clock.advance(60_000)
    const error = await failure(answer)
    expect(error).toMatchObject({ code: 'redirect_failed', message: expect.stringContaining('loginTimeoutMs') })
    expect(String(error)).not.toContain('state=abc')
  })

  test('is not awaited any more when the caller gives up', async () => {
    const { visit, answer, control } = await shown()
    await using _visit = visit
    const reason = new Error('enough')
    control.abort(reason)
    expect(await failure(answer)).toBe(reason)
  })

  test('closes the port with the visit', async () => {
    const { visit } = await shown()
    await visit[Symbol.asyncDispose]()
    expect(await failure(fetch(visit.uri))).toBeInstanceOf(Error)
  })
})

test('a connection on which nothing is asked does not hold up the end', async () => {
  const { visit, answer, go } = await shown()
  const port = Number(new URL(visit.uri).port)
  const idle = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => undefined } })
  expect(await (await go('?code=1&state=abc')).text()).toContain('close this window')
  await answer
  await visit[Symbol.asyncDispose]()
  idle.end()
})

describe('a person without a browser', () => {
  test.each<[string, LoopbackRedirectOptions]>([
    ['none is wanted', { openBrowser: false }],
    ['none could be opened', { openBrowser: () => false }],
  ])('reads the URL when %s', async (_, options) => {
    const printed = Promise.withResolvers<string>()
    const visit = await loopbackRedirect({ ...options, print: printed.resolve }).open({ preferred: [] })
    await using _visit = visit
    const answer = visit.follow(LOGIN, {})
    expect(await printed.promise).toContain(LOGIN.href)
    await fetch(`${visit.uri}?state=abc`)
    await answer
  })
})

describe('the redirect URI', () => {
  test('is one that is registered, when its port is free', async () => {
    const redirect = loopbackRedirect()
    const first = await redirect.open({ preferred: [] })
    await first[Symbol.asyncDispose]()
    const preferred = ['https://app.example.com/cb', 'http://127.0.0.1:1/other', first.uri]
    await using second = await redirect.open({ preferred })
    expect(second.uri).toBe(first.uri)
    await using third = await redirect.open({ preferred })
    expect(third.uri).not.toBe(first.uri)
  })

  test('is the one that was asked for, or an error', async () => {
    await using taken = await loopbackRedirect().open({ preferred: [] })
    const port = Number(new URL(taken.uri).port)
    const error = await failure(Promise.resolve(loopbackRedirect({ port }).open({ preferred: [] })))
    expect(error).toMatchObject({ code: 'redirect_failed', message: expect.stringContaining(`port ${port}`) })
  })

  test('has the name and path that are registered elsewhere', async () => {
    await using visit = await loopbackRedirect({ hostname: 'localhost', path: '/oauth/cb' }).open({ preferred: [] })
    expect(visit.uri).toMatch(/^http:\/\/localhost:\d+\/oauth\/cb$/)
  })

  test.each<LoopbackRedirectOptions>([
    { hostname: '0.0.0.0' },
    { hostname: 'example.com' },
    { path: 'cb' },
    { path: '/a#b' },
  ])('is on loopback: %p is refused [MCP-272]', (options) => {
    expect(() => loopbackRedirect(options)).toThrow(/redirect URI|begin with a slash/)
  })
})

test('a whole login goes through the port, and the next one uses it again [MCP-272]', async () => {
  await using world = startOAuthWorld()
  const store = memoryTokens()
  const openBrowser = async (url: URL): Promise<boolean> => (await fetch(await followHere(url, {}))).ok
  for (const account of ['one', 'two']) {
    const authorizer = oauth({ redirect: loopbackRedirect({ openBrowser }), store, account })
    expect((await send(authorizer, world.server.mcp)).status).toBe(200)
  }
  expect(world.login.registrations).toHaveLength(1)
  expect(world.login.logins[1]?.get('redirect_uri')).toBe(world.login.logins[0]?.get('redirect_uri') ?? '')
})
