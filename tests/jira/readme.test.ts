import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { requestOf } from '../docs/curl.ts'
import { createLog } from '../processes/harness.ts'

const ROOT = resolve(import.meta.dir, '../..')
const README = readFileSync(resolve(ROOT, 'apps/jira-bridge/README.md'), 'utf8')
/** Blocks of commands, in order. */
const BLOCKS: readonly string[] = [...README.matchAll(/^```sh\n([^`]*)^```$/gm)].map(([, block = '']) => block.trim())

/** Runs commands in a shell at the root, without what this machine says about a Jira. */
function shell(commands: string) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('JIRA_')))
  return Bun.spawn(['sh', '-ec', commands], { cwd: ROOT, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
}

async function outcomeOf(commands: string) {
  const child = shell(commands)
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { stdout, stderr, code }
}

/** Runs a command that serves until it is told to end, and what it says first on one of its streams. */
async function serving(command: string, on: 'stdout' | 'stderr', says: RegExp) {
  // the shell becomes the server, so that the signal reaches it
  const child = shell(command.replace(/\bbun\b/, 'exec bun'))
  const log = createLog()
  const reading = (async () => {
    let rest = ''
    for await (const chunk of child[on].pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(log.add)
    }
  })()
  return {
    line: await log.line(says),
    lines: log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      expect(await child.exited).toBe(0)
      await reading
    },
  }
}

function block(head: string): string {
  return BLOCKS.find((one) => one.startsWith(head)) ?? `the README has no block of ${head}`
}

test('every block of commands in the README is run here, or by the tests of the demo', () => {
  const heads = [
    'bun install',
    'bun run apps/jira-bridge',
    'bun -e',
    'JIRA_WRITE=1 bun',
    'curl',
    'bun apps/jira-bridge',
  ]
  expect(BLOCKS.filter((one) => !heads.some((head) => one.startsWith(head)))).toEqual([])
  expect(BLOCKS).toHaveLength(heads.length)
  expect(block('bun install').split('\n')).toEqual(['bun install', 'bun run demo:jira'])
})

test('the bridge starts by its command, and ends with its host', async () => {
  const { stdout, stderr, code } = await outcomeOf(block('bun run apps/jira-bridge'))
  expect([stdout, code]).toEqual(['', 0])
  expect(stderr).toContain('JIRA_URL is not set')
})

test('the program over the client finds what the fake has', async () => {
  const { stdout, code } = await outcomeOf(block('bun -e'))
  expect([stdout.trim().split('\n').length, code]).toEqual([3, 0])
  expect(stdout).toMatch(/^DEMO-\d+ \w/)
})

test('each curl of the README is answered by the service of the README', async () => {
  const command = block('JIRA_WRITE=1 bun')
  expect(command).toContain('--port 8080')
  await using service = await serving(command.replace('8080', '0'), 'stderr', /"event":"listening"/)
  await service.lines.line(/"to":"ready"/)
  const { host } = new URL(JSON.parse(service.line).url)
  const statuses: number[] = []
  const answers: unknown[] = []
  for (const line of block('curl').split('\n')) {
    const there = line.replace('localhost:8080', host.replace('127.0.0.1', 'localhost'))
    const response = await fetch(requestOf(there))
    statuses.push(response.status)
    answers.push(await response.json())
  }
  expect(statuses).toEqual([200, 200, 201, 200, 200, 200, 201, 200])
  expect(answers).toMatchObject([
    { status: 'ready' },
    { issues: [{}, {}, {}] },
    { key: expect.stringMatching(/^DEMO-/) },
    { key: 'DEMO-30' },
    { transitions: expect.any(Array) },
    { status: { name: 'In Progress' } },
    { key: 'DEMO-30' },
    { openapi: '3.1.0' },
  ])
  // the routes are those of the description
  const described = Object.entries(Object(answers.at(-1)).paths).flatMap(([path, methods]) =>
    Object.keys(Object(methods)).map((method) => `${method.toUpperCase()} ${path}`),
  )
  for (const route of described) expect(README).toContain(`\`${route}\``)
})

test('the fake prints what the bridge needs', async () => {
  const command = block('bun apps/jira-bridge')
  await using fake = await serving(command.replace('8090', '0'), 'stdout', /JIRA_API_TOKEN=/)
  const [url] = fake.lines.lines.flatMap((line) => /JIRA_URL=(\S+)/.exec(line)?.[1] ?? [])
  expect((await fetch(`${url}/rest/api/3/serverInfo`)).status).toBeLessThan(500)
})
