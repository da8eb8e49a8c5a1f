import { expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import type { LogEntry } from '../../apps/jira-bridge/src/backend/request-log.ts'
import { startBackend } from '../../apps/jira-bridge/src/backend/serve.ts'
import type { JiraConnectOptions } from '../../apps/jira-bridge/src/client/jira-client.ts'
import { marker, pidsOf } from '../manager/server-processes.ts'
import { ENDLESS } from './fixtures/bridge-like.ts'
import { bridgeProcess } from './fixtures/bridge-process.ts'

const main = fileURLToPath(new URL('../../apps/jira-bridge/src/backend/main.ts', import.meta.url))
const bridgeLike = fileURLToPath(new URL('./fixtures/bridge-like.ts', import.meta.url))
const LOST = { project: 'DEMO', type: 'Bug', summary: ENDLESS }

/** Entries of a log that can be waited for. */
function watchedLog() {
  const entries: LogEntry[] = []
  let wake: (() => void)[] = []
  return {
    entries,
    log(entry: LogEntry) {
      entries.push(entry)
      for (const one of wake) one()
      wake = []
    },
    /** Resolves when so many entries of a server's state are there. */
    async state(to: string, count = 1): Promise<void> {
      while (entries.filter((entry) => entry.event === 'jira-server-state' && entry.to === to).length < count) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake.push(resolve)
        await promise
      }
    },
  }
}

/** A service on a free port, over a server that can be waited for. */
async function start(mark: string, more: { jira?: JiraConnectOptions; drainMs?: number } = {}) {
  const watched = watchedLog()
  const bridge = bridgeProcess(mark, more.jira)
  const { drainMs } = more
  const backend = await startBackend({ port: 0, log: watched.log, jira: bridge.options, drainMs })
  const get = (path: string) => fetch(backend.url + path)
  const post = (path: string, body: unknown) =>
    fetch(backend.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  await watched.state('ready')
  return { ...watched, backend, bridge, get, post }
}

for (const pin of ['modern', 'legacy'] as const) {
  test(`a server that is killed under a write makes the service unready until it is back, ${pin}`, async () => {
    const mark = marker()
    const clock = createFakeClock()
    // the pause before the restart lasts until the clock goes on
    const { backend, bridge, get, post, state } = await start(mark, {
      jira: { pin, startWaitMs: 0, manager: { clock, random: () => 0.5 } },
    })
    expect((await get('/ready')).status).toBe(200)
    const write = post('/issues', LOST)
    process.kill(await bridge.nth(1), 'SIGKILL')
    const lost = await write
    expect(lost.status).toBe(409)
    expect(await lost.json()).toMatchObject({ code: 'outcome_unknown', advice: expect.stringContaining('look for it') })
    await state('backing-off')
    for (const answer of [get('/ready'), post('/search', { jql: 'a' }), post('/issues', LOST)]) {
      const { status, headers } = await answer
      expect([status, headers.get('retry-after')]).toEqual([503, '2'])
    }
    expect((await get('/health')).status).toBe(200)
    await clock.advance(1_000)
    await state('ready', 2)
    expect((await get('/ready')).status).toBe(200)
    expect((await (await post('/search', { jql: 'a' })).json()).issues).toHaveLength(3)
    expect(bridge.begun).toHaveLength(1)
    await backend.close()
    expect(pidsOf(mark)).toEqual([])
  })
}

test('a read whose server is killed under it is answered by the next one', async () => {
  await using service = await start(marker()).then((all) => ({ ...all, [Symbol.asyncDispose]: all.backend.close }))
  const { bridge, post } = service
  const read = post('/search', { jql: ENDLESS })
  process.kill(await bridge.nth(1), 'SIGKILL')
  process.kill(await bridge.nth(2), 'SIGUSR1')
  expect((await read).status).toBe(200)
})

test('a description of 200 KB goes through, and a body past the limit is a problem like any other', async () => {
  await using backend = (await start(marker())).backend
  const headers = { 'content-type': 'application/json' }
  const send = (length: number) =>
    fetch(`${backend.url}/issues`, {
      method: 'POST',
      body: JSON.stringify({ project: 'DEMO', type: 'Bug', summary: 'long', description: 'ü'.repeat(length / 2) }),
      headers,
    })
  const { key } = await (await send(200_000)).json()
  expect((await (await fetch(`${backend.url}/issues/${key}`)).json()).description).toHaveLength(100_000)
  const refused = await send(2_000_000)
  expect([refused.status, refused.headers.get('content-type')]).toEqual([413, 'application/problem+json'])
})

test('ends in order: finishes what runs, takes nothing new, and leaves no process', async () => {
  const mark = marker()
  const { backend, bridge, get, post, entries } = await start(mark)
  const write = post('/issues', LOST)
  const pid = await bridge.nth(1)
  const closing = backend.close()
  const refused = await get('/ready').then(
    ({ status }) => status,
    () => 'refused',
  )
  expect([503, 'refused']).toContain(refused)
  process.kill(pid, 'SIGUSR1')
  const written = await write
  expect([written.status, (await written.json()).key]).toEqual([201, 'DEMO-4'])
  await closing
  expect(pidsOf(mark)).toEqual([])
  expect(entries.at(-1)).toMatchObject({ event: 'ended' })
})

test('ends in bounded time: what still runs then is broken off, and told so', async () => {
  const mark = marker()
  const { backend, bridge, post } = await start(mark, { drainMs: 0 })
  const [write, read] = [post('/issues', LOST), post('/search', { jql: ENDLESS })]
  await bridge.nth(2)
  await backend.close()
  expect(await (await write).json()).toMatchObject({ status: 409, code: 'outcome_unknown' })
  expect((await read).status).toBe(503)
  expect(pidsOf(mark)).toEqual([])
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'as a program it listens, answers, and ends on %s with nothing left',
  async (signal) => {
    const mark = marker()
    const command = [process.execPath, main, '--port', '0', '--', process.execPath, bridgeLike, mark]
    const child = Bun.spawn(command, { stderr: 'pipe', stdout: 'pipe', stdin: 'ignore' })
    const lines: LogEntry[] = []
    const reading = (async () => {
      let rest = ''
      for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + chunk).split('\n')
        rest = parts.pop() ?? ''
        for (const line of parts) take(JSON.parse(line))
      }
      return rest
    })()
    const listening = Promise.withResolvers<string>()
    const ready = Promise.withResolvers<void>()
    function take(entry: LogEntry): void {
      lines.push(entry)
      if (entry.event === 'listening') listening.resolve(String(entry.url))
      if (entry.event === 'jira-server-state' && entry.to === 'ready') ready.resolve()
    }
    const url = await listening.promise
    await ready.promise
    expect(new URL(url).hostname).toBe('127.0.0.1')
    expect((await (await fetch(`${url}/issues/DEMO-1`)).json()).key).toBe('DEMO-1')
    expect(pidsOf(mark)).toHaveLength(2)
    child.kill(signal)
    expect(await child.exited).toBe(0)
    expect(await reading).toBe('')
    expect(await new Response(child.stdout).text()).toBe('')
    expect(lines.map(({ event }) => event)).toContain('ended')
    expect(pidsOf(mark)).toEqual([])
  },
)

test('a port that is taken is said, and leaves no process', async () => {
  const mark = marker()
  await using first = (await start(`${mark}-first`)).backend
  const port = new URL(first.url).port
  const command = [process.execPath, main, '--port', port, '--', process.execPath, bridgeLike, `${mark}-second`]
  const child = Bun.spawn(command, { stderr: 'pipe', stdin: 'ignore' })
  expect(await child.exited).toBe(1)
  expect(await new Response(child.stderr).text()).toContain('"event":"not started"')
  expect(pidsOf(`${mark}-second`)).toEqual([])
})
