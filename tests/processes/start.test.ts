import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import { connect } from '../../packages/client/src/connect.ts'
import { ServerStartError } from '../../packages/client/src/errors.ts'
import { type StdioOptions, stdio } from '../../packages/client/src/transports/stdio.ts'
import { childrenOfThis, createLog, groupOf, startServer } from './harness.ts'

test('a command that is nowhere on PATH is named, with the way to look', async () => {
  const error = await startFailure({ command: 'no-such-server', args: ['--api-key', 'hunter2'] })
  expect(error.message).toBe(
    'stdio: no-such-server --api-key *** could not be started: ' +
      `command "no-such-server" was not found on PATH (cwd: ${process.cwd()})`,
  )
  expect(error.transport).toBe('stdio: no-such-server --api-key ***')
  expect(error.cause).toBeInstanceOf(Error)
})

test('a working directory that is missing is told apart from a missing command', async () => {
  const error = await startFailure({ command: 'cat', cwd: '/no/such/place' })
  expect(error.message).toBe(
    'stdio: cat could not be started: the working directory does not exist (cwd: /no/such/place)',
  )
  expect((await startFailure({ command: 'cat', cwd: '/etc/passwd' })).message).toContain('is not a directory')
})

test('a path that is missing or cannot be executed says which', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bao-start-'))
  try {
    writeFileSync(join(folder, 'plain.txt'), 'text')
    writeFileSync(join(folder, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 })
    expect((await startFailure({ command: './missing', cwd: folder })).message).toContain('"./missing" does not exist')
    expect((await startFailure({ command: './plain.txt', cwd: folder })).message).toContain('is not an executable file')
    expect((await startFailure({ command: './script', cwd: folder })).message).toContain('names an interpreter')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a server that never opens a conversation is given up with everything it said instead', async () => {
  const script = 'echo "waiting for the database" >&2; echo listening on 3000; cat > /dev/null'
  const clock = createFakeClock()
  const log = createLog()
  const stray = Promise.withResolvers<unknown>()
  const transport = stdio({ command: 'sh', args: ['-c', script], stderr: log.add })
  const failing = failureOf(connect(transport, { clock, connectTimeoutMs: 100, onStray: stray.resolve }))
  await Promise.all([log.line(/database/), stray.promise])
  await clock.advance(100)
  const error = await failing
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'timeout' })
  expect(error).toHaveProperty('reason.stderrTail', ['waiting for the database'])
  expect(String(error)).toEndWith(
    'did not open a conversation within 100 ms (connectTimeoutMs); ' +
      'it wrote to stdout what is no message: "listening on 3000"; last stderr: waiting for the database',
  )
})

test('a crash at the start is told by its error, not by the last line of the runtime', async () => {
  const script = 'throw new Error("API_KEY is not set")'
  const error = await failureOf(connect(stdio({ command: process.execPath, args: ['-e', script] })))
  expect(error).toBeInstanceOf(ServerStartError)
  expect(String(error)).toEndWith('the server exited with code 1; last stderr: error: API_KEY is not set')
})

test('a server inherits the harmless variables and no other', async () => {
  process.env.BAO_TEST_SECRET = 'hunter2'
  process.env.LC_BAO_TEST = 'kept'
  try {
    await using server = await startServer([], { env: { ADDED: 'yes' } })
    const { env } = await server.peer.request('environment')
    expect(env).toMatchObject({ PATH: process.env.PATH, LC_BAO_TEST: 'kept', ADDED: 'yes' })
    expect(env).not.toHaveProperty('BAO_TEST_SECRET')
    await using open = await startServer([], { inheritEnv: true })
    expect((await open.peer.request('environment')).env).toHaveProperty('BAO_TEST_SECRET', 'hunter2')
  } finally {
    delete process.env.BAO_TEST_SECRET
    delete process.env.LC_BAO_TEST
  }
})

test('a server runs where it is told to, in a process group of its own', async () => {
  await using server = await startServer([], { cwd: '/' })
  expect(await server.peer.request('environment')).toMatchObject({ cwd: '/' })
  expect(groupOf(server.pid)).toContain(server.pid)
  expect(groupOf(server.pid)).not.toContain(process.pid)
})

test('opening is given up before anything is started when the signal has fired', async () => {
  const log = createLog()
  const reason = new Error('changed my mind')
  const transport = stdio({ command: 'sh', args: ['-c', 'echo started >&2'], stderr: log.add })
  await expect(transport.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(log.lines).toEqual([])
})

test('opening that is given up on the way leaves no process behind, whenever that happens', async () => {
  const before = childrenOfThis()
  const reason = new Error('changed my mind')
  const transport = stdio({ command: 'sleep', args: ['60'], stdinGraceMs: 0 })
  let given = 0
  for (let steps = 0; steps < 20; steps++) {
    const controller = new AbortController()
    const opening = transport.open({ signal: controller.signal })
    opening.catch(() => given++)
    for (let i = 0; i < steps; i++) await undefined
    controller.abort(reason)
    const outcome = await opening.catch((error: unknown) => error)
    if (outcome !== reason) await (await opening).close()
    expect(childrenOfThis()).toEqual(before)
  }
  expect(given).toBeGreaterThan(1)
})

test('a transport is a value that can be opened again [MCP-028]', async () => {
  const transport = stdio({ command: 'cat' })
  for (let i = 0; i < 2; i++) {
    await using channel = await transport.open()
    const echo = new Promise((message) => channel.open({ message, unreadable() {}, end() {} }))
    void channel.send({ jsonrpc: '2.0', method: 'm' })
    expect(await echo).toEqual({ jsonrpc: '2.0', method: 'm' })
  }
})

test('a listener for stderr that throws is reported and stops nothing', async () => {
  const { stdout } = await program(`
    process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    const args = ['-c', 'echo a >&2; echo b >&2']
    const channel = await stdio({ command: 'sh', args, stderr(line) { throw new Error(line) } }).open()
    channel.open({ message() {}, unreadable() {}, end: ({ stderrTail }) => console.log(...stderrTail) })`)
  expect(stdout).toBe('uncaught a\nuncaught b\na b\n')
})

test('stderr can be copied to the stderr of this process, as it is', async () => {
  const { stdout, stderr } = await program(`
    const args = ['-c', 'printf "a\\033[0m\\nb" >&2']
    const channel = await stdio({ command: 'sh', args, stderr: 'inherit' }).open()
    channel.open({ message() {}, unreadable() {}, end: ({ stderrTail }) => console.log(...stderrTail) })`)
  expect(stderr).toBe('a\u001b[0m\nb')
  expect(stdout).toBe('a b\n')
})

/** Runs a program that knows `stdio` in a process of its own. */
async function program(source: string): Promise<{ stdout: string; stderr: string }> {
  const path = join(import.meta.dir, '../../packages/client/src/transports/stdio.ts')
  const script = `import { stdio } from ${JSON.stringify(path)}\n${source}`
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { stdout, stderr }
}

async function startFailure(options: StdioOptions): Promise<ServerStartError> {
  try {
    const channel = await stdio(options).open()
    await channel.close()
  } catch (error) {
    if (error instanceof ServerStartError) return error
    throw error
  }
  throw new Error('it was started')
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

test('two transports are the same only when command, arguments, directory and environment are', () => {
  const base = { command: 'bun', args: ['server.ts', '--token=abc'], cwd: '/srv', env: { A: '1' } }
  const { identity } = stdio(base)
  expect(stdio({ ...base }).identity).toBe(identity)
  for (const other of [
    { command: 'node' },
    { args: ['server.ts', '--token=xyz'] },
    { cwd: '/' },
    { env: { A: '2' } },
  ]) {
    expect(stdio({ ...base, ...other }).identity).not.toBe(identity)
  }
})
