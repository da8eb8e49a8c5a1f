import { expect, test } from 'bun:test'
import { AUTH } from '../../test/nodes-kit.ts'
import { createServer } from '../server.ts'
import type { ServerLog } from '../serving.ts'
import { type ServeHttpOptions, serveHttp } from './serve.ts'

function collecting(): { log: ServerLog; lines: string[] } {
  const lines: string[] = []
  const log: ServerLog = {
    debug: () => undefined,
    info: (message) => void lines.push(`info: ${message}`),
    warning: (message) => void lines.push(`warning: ${message}`),
    error: (message) => void lines.push(`error: ${message}`),
  }
  return { log, lines }
}

function serve(options: ServeHttpOptions = {}) {
  const server = createServer({ name: 'served', version: '1.0.0' })
  return serveHttp(server, { port: 0, ownsProcess: false, log: collecting().log, ...options })
}

test('listens on this machine alone, under /mcp, and says so in one line [MCP-110]', async () => {
  const { log, lines } = collecting()
  await using http = await serve({ log })
  expect(http.url.href).toBe(`http://127.0.0.1:${http.port}/mcp`)
  expect(lines).toEqual([`info: listening on ${http.url}`])
})

test('warns that nobody gets in when it listens to all and no host is named', async () => {
  const { log, lines } = collecting()
  await using http = await serve({ log, hostname: '0.0.0.0' })
  expect(lines[1]).toMatch(
    /^warning: listening on 0\.0\.0\.0, but requests to other hosts .* are refused: .*allowedHosts/,
  )
  expect((await fetch(http.url, { headers: { host: 'elsewhere.example' } })).status).toBe(403)
})

test.each([['any' as const], [['mcp.example']]])(
  'does not warn when it is told its hosts: %p',
  async (allowedHosts) => {
    const { log, lines } = collecting()
    await using http = await serve({ log, hostname: '0.0.0.0', allowedHosts })
    expect(lines).toEqual([`info: listening on ${http.url}`])
    expect((await fetch(http.url, { method: 'OPTIONS', headers: { host: 'mcp.example' } })).status).toBe(204)
  },
)

test.each<[string, ServeHttpOptions]>([
  ['port must be a whole number from 0 to 65535, got -1', { port: -1 }],
  ['port must be a whole number from 0 to 65535, got 65536', { port: 65_536 }],
  ['port must be a whole number from 0 to 65535, got NaN', { port: Number.NaN }],
  [
    'port must be a whole number from 0 to 65535, got the string "3000", as environment variables are',
    // proof: what plain JavaScript may pass, which the types refuse
    { port: '3000' as unknown as number },
  ],
  ['path must be the path of a URL, as /mcp is, got "mcp"', { path: 'mcp' }],
  ['path must be the path of a URL, as /mcp is, got "/mcp?x"', { path: '/mcp?x' }],
  ['path must be the path of a URL, as /mcp is, got "//mcp"', { path: '//mcp' }],
  ['drainGraceMs must be at least 0, got -1', { drainGraceMs: -1 }],
  ['maxBodyBytes must be at least 1, got 0', { maxBodyBytes: 0 }],
])('refuses an option that cannot be: %s', async (message, options) => {
  await expect(serve(options)).rejects.toThrow(new TypeError(message))
})

test('answers outside its path only where clients ask for the metadata of its protection', async () => {
  await using http = await serve({ auth: AUTH })
  const ask = async (path: string, method = 'GET'): Promise<number> =>
    (await fetch(new URL(path, http.url), { method })).status
  const root = '/.well-known/oauth-protected-resource'
  for (const path of [root, `${root}/mcp`]) {
    expect([path, await ask(path), await ask(path, 'OPTIONS'), await ask(path, 'POST')]).toEqual([path, 200, 204, 404])
  }
  for (const path of [`${root}-other`, `${root}/`, `${root}/mcp/`]) expect([path, await ask(path)]).toEqual([path, 404])
  expect(await ask('/mcp')).toBe(401)
})

test('is closed at the end of its block', async () => {
  const { url, closed } = await (async () => {
    await using http = await serve()
    return { url: http.url, closed: http.closed }
  })()
  await closed
  await expect(fetch(url)).rejects.toThrow()
})
