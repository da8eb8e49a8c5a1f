import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect, http } from '@bao-mcp/client'
import { type FakeJira, startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import type { Driver } from '../interop/drivers/driver.ts'
import { openOfficialV1 } from '../interop/drivers/official-v1.ts'
import { openOfficialV2 } from '../interop/drivers/official-v2.ts'
import { startBridgeHttp } from './fixtures/bridge-http.ts'

const ROOT = resolve(import.meta.dir, '../..')
const APP = join(ROOT, 'apps/jira-bridge')
const WRITE_TOOLS = ['jira_create_issue', 'jira_update_issue', 'jira_transition_issue', 'jira_add_comment']

type Env = Record<string, string>
interface Launch {
  command: string
  args: string[]
  env: Env
}

function launch(fake: FakeJira, env: Env = {}): Launch {
  const { email, apiToken } = fake.credentials
  return {
    command: process.execPath,
    args: [APP],
    env: { PATH: process.env.PATH ?? '', JIRA_URL: fake.url, JIRA_EMAIL: email, JIRA_API_TOKEN: apiToken, ...env },
  }
}

const CLIENTS: [string, (launch: Launch) => Promise<Driver>][] = [
  ['sdk v1', openOfficialV1],
  ['client v2, legacy', (to) => openOfficialV2(to, { mode: 'legacy' })],
  ['client v2, modern', (to) => openOfficialV2(to, { mode: 'auto' })],
]

/** Runs the bridge without a client, until it ends or is ended. */
function run(args: string[], env: Env = {}) {
  const child = Bun.spawn([process.execPath, APP, ...args], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
  })
  const outcome = async () => {
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { stdout, stderr, code }
  }
  return { child, outcome }
}

function temporaryFile(name: string): Disposable & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'jira-bridge-'))
  return { path: join(folder, name), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

test.each(CLIENTS)('an official client finds, makes, moves and comments (%s)', async (_, open) => {
  await using fake = await startFakeJira()
  await using client = await open(launch(fake, { JIRA_WRITE: '1' }))
  expect((await client.listTools()).length).toBe(11)
  const progress: number[] = []
  const found = await client.call(
    'jira_search_issues',
    { jql: 'project = DEMO ORDER BY key', limit: 5 },
    { onProgress: (done) => void progress.push(done) },
  )
  expect(Object(found.structured).issues.length).toBe(5)
  expect(progress).toEqual([5])
  const made = await client.call('jira_create_issue', {
    project: 'DEMO',
    type: 'Task',
    summary: 'From afar',
    description: '**b**',
  })
  const { key } = Object(made.structured)
  client.reply = { action: 'decline' }
  const changed = await client.call('jira_update_issue', { key, description: 'c' })
  expect([changed.isError, client.asked]).toEqual([true, 1])
  const moved = await client.call('jira_transition_issue', { key, to: 'Start progress' })
  expect(Object(moved.structured).status.name).toBe('In Progress')
  await client.call('jira_add_comment', { key, body: 'ünïcödé 🎉' })
  const read = await client.call('jira_get_issue', { key })
  expect(read.structured).toMatchObject({
    description: '**b**',
    comments: { total: 1, latest: [{ body: 'ünïcödé 🎉' }] },
  })
})

test.each(CLIENTS)('writes appear with a change of the list when the flags file allows them (%s)', async (_, open) => {
  await using fake = await startFakeJira()
  using file = temporaryFile('flags.json')
  writeFileSync(file.path, '{}')
  await using client = await open(launch(fake, { JIRA_FLAGS_FILE: file.path }))
  const before = await client.listTools()
  expect(before.filter((name) => WRITE_TOOLS.includes(name))).toEqual([])
  const refused = await client.call('jira_add_comment', { key: 'DEMO-1', body: 'x' }).catch((error: unknown) => error)
  expect(Object(refused).code).toBe(-32602)
  writeFileSync(file.path, '{"write":true}')
  await client.toolsChanged
  expect((await client.listTools()).filter((name) => WRITE_TOOLS.includes(name)).toSorted()).toEqual(
    WRITE_TOOLS.toSorted(),
  )
})

test('every refusal of Jira is a result to act on, and no token leaves the process', async () => {
  await using fake = await startFakeJira()
  const statuses: [number, RegExp][] = [
    [400, /refused the request \(400\)/],
    [401, /JIRA_EMAIL and JIRA_API_TOKEN/],
    [403, /does not allow this account/],
    [404, /no permission to see/],
    [409, /Read it again/],
    [410, /no longer has POST/],
    [413, /Shorten it/],
    [422, /refused the request \(422\)/],
    [429, /Call again in 60 seconds/],
    [500, /may have been made/],
    [503, /may have been made/],
  ]
  const { child, outcome } = run([], { ...launch(fake, { JIRA_WRITE: '1', BAO_LOG: 'debug' }).env })
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  for (const [id] of statuses) {
    const { apiToken } = fake.credentials
    const echo = { errorMessages: [`you sent ${apiToken}`] }
    fake.fail({
      path: new RegExp(`DEMO-${id}/comment`),
      status: id,
      retryAfter: id === 429 ? 60 : undefined,
      ...echo,
    } as never)
    const params = { name: 'jira_add_comment', arguments: { key: `DEMO-${id}`, body: 'x' }, _meta: meta }
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`)
  }
  child.stdin.end()
  const { stdout, stderr, code } = await outcome()
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  for (const [id, says] of statuses) {
    const { result } = answers.find((answer) => answer.id === id)
    expect([id, result.isError, result.content[0].text]).toEqual([id, true, expect.stringMatching(says)])
    expect(result._meta['jira-bridge/error'].status).toBe(id)
  }
  expect(code).toBe(0)
  const secrets = [fake.credentials.apiToken, btoa(`${fake.credentials.email}:${fake.credentials.apiToken}`)]
  for (const secret of secrets) expect((stdout + stderr).includes(secret)).toBe(false)
})

test('Data Center goes by a personal token, and a wrong one is named', async () => {
  await using fake = await startFakeJira()
  const env = { PATH: process.env.PATH ?? '', JIRA_URL: fake.url, JIRA_WRITE: '1' }
  const open = (token: string): Promise<Driver> => {
    const to: Launch = { command: process.execPath, args: [APP], env: { ...env, JIRA_PERSONAL_TOKEN: token } }
    return openOfficialV1(to)
  }
  await using client = await open(fake.credentials.personalToken)
  const made = await client.call('jira_create_issue', {
    project: 'DEMO',
    type: 'Task',
    summary: 'x',
    assignee: 'tester',
  })
  const { structured } = await client.call('jira_get_issue', { key: Object(made.structured).key })
  expect(structured).toMatchObject({ assignee: { accountId: 'tester' } })
  await using stranger = await open('not-a-token-of-this-site')
  const { isError, text } = await stranger.call('jira_whoami')
  expect([isError, text]).toEqual([true, expect.stringContaining('Check JIRA_PERSONAL_TOKEN')])
  expect(text).not.toContain('not-a-token-of-this-site')
})

test.each([
  [['--nonsense'], {}, /--nonsense[\s\S]*Try --help/],
  [['--port', '1'], {}, /--port and --host need --http/],
  [['--http', '--port', 'many'], {}, /--port must be a whole number from 0 to 65535, got "many"/],
  [['--http', '--port', '0', '--host', '0.0.0.0'], {}, /JIRA_BRIDGE_TOKEN[\s\S]*Try --help/],
  [[], { JIRA_URL: 'https://site.atlassian.net' }, /JIRA_URL is set, but no credentials/],
  [[], { JIRA_API_TOKEN: 'very-secret-token' }, /JIRA_API_TOKEN is set, but JIRA_URL is not/],
  [[], { JIRA_TOOLS: 'nonsense' }, /JIRA_TOOLS takes search/],
  [[], { JIRA_FLAGS_FILE: APP }, /JIRA_FLAGS_FILE: .* cannot be read/],
  [[], { JIRA_FLAGS_FILE: join(APP, 'misspelt.json') }, /JIRA_FLAGS_FILE: .*misspelt\.json is not there/],
] as [string[], Env, RegExp][])('started with %j and %j it says what is wrong and ends', async (args, env, says) => {
  const { stdout, stderr, code } = await run(args, env).outcome()
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(says)
  expect(stderr).not.toContain('very-secret-token')
})

test('--help lists every argument and variable', async () => {
  const { stdout, code } = await run(['--help']).outcome()
  expect(code).toBe(0)
  for (const word of [
    '--http',
    '--port',
    '--host',
    'JIRA_URL',
    'JIRA_EMAIL',
    'JIRA_API_TOKEN',
    'JIRA_PERSONAL_TOKEN',
  ]) {
    expect(stdout).toContain(word)
  }
})

test('over HTTP it serves both eras, reads its flags again on SIGHUP, and ends in good order on SIGTERM', async () => {
  await using fake = await startFakeJira()
  using file = temporaryFile('flags.json')
  using target = temporaryFile('elsewhere.json')
  // the folder of the file does not change when what the link leads to does
  writeFileSync(target.path, '{}')
  symlinkSync(target.path, file.path)
  await using bridge = await startBridgeHttp(launch(fake, { JIRA_FLAGS_FILE: file.path }).env)
  const url = bridge.url.href
  for (const pin of ['modern', 'legacy'] as const) {
    await using client = await connect(http(url), { pin })
    expect(Object((await client.callTool('jira_whoami')).structured).user.name).toBe('Product owner')
  }
  await using client = await connect(http(url), { pin: 'modern' })
  const changed = Promise.withResolvers<unknown>()
  await using _ = await client.listen({ tools: true }, changed.resolve)
  writeFileSync(target.path, '{"write":true}')
  bridge.kill('SIGHUP')
  await changed.promise
  expect((await client.listTools()).map(({ name }) => name)).toContain('jira_create_issue')
  bridge.kill('SIGTERM')
  expect(await bridge.exited).toBe(0)
})
