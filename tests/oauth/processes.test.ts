import { expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileTokens } from '../../packages/client/src/auth/file-tokens.ts'
import { oauthHere, send, startOAuthWorld } from '../../packages/client/test/oauth-kit.ts'

const PROCESSES = 12
const START_MS = 1_800_000_000_000

/** A folder for one test; dies with its block. */
async function folder() {
  const root = await mkdtemp(join(tmpdir(), 'bao-oauth-'))
  return {
    path: join(root, 'tokens.json'),
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A fixture in a process of its own, read line by line; is killed with its block. */
function start(fixture: string, ...args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'fixtures', fixture), ...args], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const errors = new Response(child.stderr).text()
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async line(): Promise<string> {
      for (;;) {
        const end = text.indexOf('\n')
        if (end >= 0) {
          const line = text.slice(0, end)
          text = text.slice(end + 1)
          return line
        }
        const { value, done } = await reader.read()
        if (done) throw new Error(`${fixture} ended: ${await errors}`)
        text += value
      }
    },
    go(): void {
      child.stdin.write('go\n')
      child.stdin.flush()
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await child.exited
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

/** So many of them, all ready and let go at once; resolves to the last line of each. */
async function together(many: readonly ReturnType<typeof start>[]): Promise<string[]> {
  await Promise.all(many.map((each) => each.line()))
  for (const each of many) each.go()
  return Promise.all(many.map((each) => each.line()))
}

test('twelve processes with one token file redeem a refresh token once [MCP-287]', async () => {
  await using world = startOAuthWorld()
  await using at = await folder()
  const { login, server } = world
  await send(oauthHere({ store: fileTokens(at.path), now: () => START_MS }), server.mcp)
  await using all = new AsyncDisposableStack()
  const many = Array.from({ length: PROCESSES }, () =>
    all.use(start('client.ts', server.mcp.href, at.path, String(START_MS + 3600_000))),
  )
  expect(await together(many)).toEqual(Array.from({ length: PROCESSES }, () => '200'))
  expect(login.grants.map((form) => form.get('grant_type'))).toEqual(['authorization_code', 'refresh_token'])
  expect(login.reused).toEqual([])
  expect(login.logins).toHaveLength(1)
}, 30_000)

test('twelve processes without a token log in once', async () => {
  await using world = startOAuthWorld()
  await using at = await folder()
  const { login, server } = world
  await using all = new AsyncDisposableStack()
  const many = Array.from({ length: PROCESSES }, () =>
    all.use(start('client.ts', server.mcp.href, at.path, String(START_MS))),
  )
  expect(await together(many)).toEqual(Array.from({ length: PROCESSES }, () => '200'))
  expect([login.registrations.length, login.logins.length, login.grants.length]).toEqual([1, 1, 1])
}, 30_000)

test('processes that take a lock in turn never hold it together, and lose no write', async () => {
  await using at = await folder()
  await using all = new AsyncDisposableStack()
  const many = Array.from({ length: 6 }, () => all.use(start('counter.ts', at.path, '40')))
  expect(await together(many)).toEqual(Array.from({ length: 6 }, () => 'done'))
  expect(await fileTokens(at.path).read('counter')).toBe('240')
}, 30_000)

test('a lock whose holder was killed is free, also when it was killed again and again', async () => {
  await using at = await folder()
  const store = fileTokens(at.path)
  for (let times = 0; times < 3; times++) {
    await using holder = start('holder.ts', at.path, 'key')
    expect(await holder.line()).toBe('held')
    const waiting = store.lock('key')
    await holder.kill()
    await (await waiting)[Symbol.asyncDispose]()
  }
  expect(await readdir(`${at.path}.locks`)).toHaveLength(1)
}, 30_000)

test('processes that are killed while they write leave a whole file and no lock behind', async () => {
  await using at = await folder()
  for (let times = 0; times < 4; times++) {
    await using all = new AsyncDisposableStack()
    const many = Array.from({ length: 3 }, () => all.use(start('counter.ts', at.path, '1000000')))
    await Promise.all(many.map((each) => each.line()))
    const before = Number((await fileTokens(at.path).read('counter')) ?? 0)
    for (const each of many) each.go()
    // some writes later, wherever they are
    let now = before
    while (now < before + 10) now = Number((await fileTokens(at.path).read('counter')) ?? 0)
    await Promise.all(many.map((each) => each.kill()))
  }
  const store = fileTokens(at.path)
  await using _lock = await store.lock('counter')
  const before = await store.read('counter')
  expect(Number(before)).toBeGreaterThanOrEqual(40)
  expect(await store.write('counter', 'fine', before)).toBe(true)
}, 30_000)
