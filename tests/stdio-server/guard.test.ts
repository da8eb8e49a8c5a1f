import { expect, test } from 'bun:test'
import { fixture, start, startServer, textOf } from './child.ts'

const MARKER = 'this is no message'

test.each([
  'console.log',
  'console.info',
  'console.debug',
  'console.table',
  'process.stdout.write',
  'a recorder of process.stdout',
  'Bun.write',
  'Bun.stdout.writer',
  'fs.writeSync',
  'child that inherits',
  'Bun child that inherits',
])('keeps what is printed by %s off stdout, and shows it on stderr', async (how) => {
  await using server = startServer()
  expect(textOf(await server.call('print', { how, text: MARKER }))).toBe('printed')
  await server.says(new RegExp(MARKER))
  server.endInput()
  expect(await server.exited).toEqual({ code: 0, signal: null })
  expect(server.lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(['2.0'])
})

test.each(['console.log', 'process.stdout.write'])(
  'names the first culprit with its stack, and once (%s) [MCP-025]',
  async (how) => {
    await using server = startServer()
    await server.call('print', { how, text: 'first' })
    for (const again of ['console.log', 'console.info', 'process.stdout.write']) {
      await server.call('print', { how: again, text: 'again' })
    }
    server.endInput()
    await server.exited
    const named = server.stderr.split('\n').filter((line) => line.includes('stdout belongs to the protocol'))
    expect(named.length).toBe(1)
    expect(named[0]).toContain(`printed by ${how}`)
    expect(named[0]).toContain('fixtures/server.ts:')
  },
)

test.each(['console.log', 'console.info', 'process.stdout.write'])(
  'keeps JavaScript off stdout where the descriptor cannot be moved, and says so (%s) [MCP-025]',
  async (how) => {
    const [bun, ...script] = fixture('server', JSON.stringify({ logLevel: 'debug' }))
    const [preload = ''] = fixture('no-library').slice(1)
    await using server = start([bun, '--preload', preload, ...script])
    for (const text of [MARKER, 'again']) await server.call('print', { how, text })
    server.endInput()
    expect(await server.exited).toEqual({ code: 0, signal: null })
    expect(server.lines.map((line) => JSON.parse(line).jsonrpc)).toEqual(['2.0', '2.0'])
    expect(server.stderr).toContain(MARKER)
    expect(server.stderr).toContain(`printed by ${how}`)
    expect(server.stderr).toContain("only JavaScript's prints are kept off stdout")
  },
)

test('names nobody while nobody prints', async () => {
  await using server = startServer()
  expect(textOf(await server.call('echo', { text: 'quiet' }))).toBe('quiet')
  server.process.kill('SIGKILL')
  await server.exited
  expect(server.stderr).toBe('')
})

test('still keeps stdout when all is over [MCP-025]', async () => {
  await using server = startServer()
  server.endInput()
  await server.exited
  expect(server.lines).toEqual([])
  expect(server.stderr).toContain('printed after the end')
})

test('gives stdout back to a program that goes on, and leaves nothing installed', async () => {
  await using program = start(fixture('embedded'))
  program.endInput()
  expect(await program.exited).toEqual({ code: 7, signal: null })
  expect(program.lines.map((line) => JSON.parse(line))).toEqual([
    { after: 'console.log', refused: expect.stringContaining('maxConcurrentCalls'), left: [] },
    { after: 'process.stdout.write' },
  ])
})

test.if(process.platform === 'linux')('leaves the pipe as it was found, for whoever shares it', async () => {
  const [bun, script] = fixture('server')
  const look = `grep -c '^flags:.*4...$' /proc/self/fdinfo/1`
  await using shell = start(['sh', '-c', `'${bun}' '${script}' </dev/null; ${look}`])
  await shell.exited
  expect(shell.lines).toEqual(['0'])
})
