import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type FakeJira, startFakeJira } from '../../apps/jira-bridge/src/fake/start-fake-jira.ts'
import { marker } from '../manager/server-processes.ts'

const DEMO = resolve(import.meta.dir, '../../apps/jira-bridge/src/demo.ts')

/** Starts the demo. What it starts inherits its PATH, and is found by it. */
function start(env: Record<string, string>, ...args: string[]) {
  const path = `${process.env.PATH}:/nowhere/${marker()}`
  const child = Bun.spawn([process.execPath, DEMO, ...args], {
    stdout: 'pipe',
    stderr: 'pipe',
    stdin: 'ignore',
    env: { PATH: path, ...env },
  })
  const outcome = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited])
  return { alive: () => processesWith(path), outcome }
}

async function play(env: Record<string, string>, ...args: string[]) {
  const { alive, outcome } = start(env, ...args)
  const [stdout, stderr, code] = await outcome
  return { stdout, stderr, code, left: alive() }
}

/** Processes that were given this PATH. */
function processesWith(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`PATH=${path}`)
      } catch {
        // it ended while it was looked at, or is somebody else's
        return false
      }
    })
}

function site(fake: FakeJira): Record<string, string> {
  return { JIRA_URL: fake.url, JIRA_EMAIL: fake.credentials.email, JIRA_API_TOKEN: fake.credentials.apiToken }
}

/** The lines of a session that begin with one of these, in order. */
function told(stdout: string, ...heads: string[]): string[] {
  const lines = stdout.split('\n').map((line) => line.trim())
  return heads.flatMap((head) => lines.filter((line) => line.startsWith(head)).slice(0, 1))
}

test('the demo shows a whole session, ends by itself, and leaves nothing', async () => {
  const { stdout, stderr, code, left } = await play({})
  expect({ stderr, code, left }).toEqual({ stderr: '', code: 0, left: [] })
  expect(
    told(
      stdout,
      'POST /search',
      'POST /issues {',
      'GET /issues/DEMO-33/transitions',
      'POST /issues/DEMO-33/transitions',
      'POST /issues/DEMO-33/comments',
      'GET /issues/DEMO-33',
      '→ tools/call jira_transition_issue',
      '⇢ POST /rest/api/3/issue/DEMO-33/transitions',
      'DEMO-33 is In Progress',
      'Product owner said: It *works*',
    ),
  ).toHaveLength(10)
  expect(stdout.includes('\u001b')).toBe(false)
  // the token of the Jira that comes along
  expect(stdout).not.toContain('fake-api-token')
})

test('with JIRA_URL the demo says that it only reads, and does', async () => {
  await using fake = await startFakeJira()
  const before = fake.requests.length
  const { promise: until, resolve: letGo } = Promise.withResolvers<void>()
  const held = fake.hold({ path: '/rest/api/3/search/jql', until })
  const { alive, outcome } = start(site(fake))
  await held
  // the demo itself, and the bridge
  expect(alive()).toHaveLength(2)
  letGo()
  const [stdout, , code] = await outcome
  expect([code, alive()]).toEqual([0, []])
  expect(stdout).toContain('Nothing is written there')
  const requests = fake.requests
    .slice(before)
    .filter(({ method, url }) => method !== 'GET' && !url.endsWith('/search/jql'))
  expect(requests).toEqual([])
  expect(fake.requests.length).toBeGreaterThan(before)
})

test('a real site is written to with JIRA_WRITE=1 and a project, and there alone', async () => {
  await using fake = await startFakeJira()
  const { stdout, code } = await play({ ...site(fake), JIRA_WRITE: '1' }, '--project', 'OPS')
  expect(code).toBe(0)
  expect(told(stdout, 'OPS-9 is In Progress')).toHaveLength(1)
})

test('what goes wrong ends the demo with its reason, without the secret, and with nothing left', async () => {
  await using fake = await startFakeJira()
  const wrong = await play({ ...site(fake), JIRA_API_TOKEN: 'wrong-token' })
  expect([wrong.code, wrong.left]).toEqual([1, []])
  expect(wrong.stderr).toContain('Check JIRA_EMAIL and JIRA_API_TOKEN')
  expect(wrong.stdout + wrong.stderr).not.toContain('wrong-token')
  const bare = await play({ JIRA_URL: fake.url })
  expect([bare.code, bare.stdout]).toEqual([1, ''])
  expect(bare.stderr).toContain('set JIRA_EMAIL and JIRA_API_TOKEN')
  const gone = await play({ ...site(fake), JIRA_FLAGS_FILE: '/nowhere', JIRA_TOOLS: 'nonsense' })
  expect([gone.code, gone.left]).toEqual([1, []])
  expect(gone.stderr).toContain('JIRA_TOOLS takes search')
})
