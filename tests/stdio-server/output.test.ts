import { expect, test } from 'bun:test'
import { startServer } from './child.ts'

test('loses nothing of a last answer of 10 MB', async () => {
  await using server = startServer({ logLevel: 'info' }, { reads: false })
  const length = 10_000_000
  const answer = server.call('big', { length })
  server.endInput()
  // by now the answer is on its way, and stands at a reader that has not begun
  await server.says(/shutting down/)
  server.read()
  expect((await answer).result?.content[0]?.text.length).toBe(length)
  expect(await server.exited).toEqual({ code: 0, signal: null })
})

test('ends with a reason and code 0 when the reader of stdout is gone', async () => {
  await using server = startServer({}, { reads: false })
  server.process.stdout?.destroy()
  void server.call('echo', { text: 'for nobody' })
  expect(await server.exited).toEqual({ code: 0, signal: null })
  expect(server.stderr).toContain('the connection is over: the reader of stdout is gone (EPIPE)')
})

test('goes on working while its reader stands still, then ends with a reason and code 1', async () => {
  await using server = startServer({ maxOutboundBytes: 100_000, stalledReaderMs: 500 }, { reads: false })
  void server.call('big', { length: 2_000_000 })
  void server.call('later', { text: 'still alive' })
  await server.says(/still alive/)
  expect(await server.exited).toEqual({ code: 1, signal: null })
  await server.says(/the reader of stdout took nothing for 500 ms while \d+ bytes waited/)
})

test('is patient with a reader that comes late', async () => {
  await using server = startServer({ maxOutboundBytes: 1_000_000 }, { reads: false })
  const answers = [1, 2, 3].map(() => server.call('big', { length: 1_500_000 }))
  void server.call('later', { text: 'all asked' })
  await server.says(/all asked/)
  server.read()
  expect((await Promise.all(answers)).map((answer) => answer.result?.content[0]?.text.length)).toEqual([
    1_500_000, 1_500_000, 1_500_000,
  ])
})

test('does not wait for a client that never reads stderr', async () => {
  await using server = startServer({ logLevel: 'debug' })
  server.process.stderr?.pause()
  const text = 'x'.repeat(10_000)
  for (let i = 0; i < 50; i++) await server.call('echo', { text })
  for (let i = 0; i < 300; i++) server.process.stdin?.write(`no message ${i} ${'y'.repeat(900)}\n`)
  expect((await server.call('echo', { text: 'answered' })).result?.content[0]?.text).toBe('answered')
})
