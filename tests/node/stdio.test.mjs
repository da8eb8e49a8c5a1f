import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { ServerStartError, stdio } from '@bao-mcp/client'
import { ConnectionError } from '@bao-mcp/protocol/engine'
import { groupOf, isAlive, startServer } from '../processes/harness.ts'

const wrapper = "sleep 60 & (trap '' TERM; sleep 60) & echo pid $$ >&2; cat"

test('a server is started, asked and closed', async () => {
  const { peer, pid } = await startServer()
  assert.deepEqual(await peer.request('echo', { text: 'é' }), { text: 'é' })
  await close(peer)
  const reason = await peer.closed
  assert.equal(reason.kind, 'local')
  assert.equal(reason.exitCode, 0)
  assert.deepEqual(groupOf(pid), [])
})

test('a server that is killed rejects its calls with the signal and its last words', async () => {
  const { peer, pid } = await startServer()
  const call = peer.request('hang')
  process.kill(pid, 'SIGKILL')
  const error = await call.catch((thrown) => thrown)
  assert.ok(error instanceof ConnectionError)
  assert.equal(error.reason.signal, 'SIGKILL')
  assert.deepEqual(error.reason.stderrTail, [`pid ${pid}`])
  await close(peer)
})

test('a server that dies in the middle of a call says its exit code and why', async () => {
  const { peer } = await startServer()
  const error = await peer.request('die', { code: 3, words: 'no config\n' }).catch((thrown) => thrown)
  assert.match(error.message, /exited with code 3; last stderr: no config$/)
  await close(peer)
})

test('a grandchild that holds the pipes does not delay the end, even where it cannot be found', async () => {
  const { peer, line } = await startServer()
  const { pid } = await peer.request('grandchild', { escaped: true })
  await line(/^up$/)
  const error = await peer.request('die', { code: 7, words: 'gone\n' }).catch((thrown) => thrown)
  assert.equal(error.reason.exitCode, 7)
  await close(peer)
  assert.ok(isAlive(pid))
  process.kill(pid, 'SIGKILL')
})

test('a server that ignores the end of stdin and SIGTERM gets SIGKILL', async () => {
  const { peer, pid } = await startServer(['stay', 'ignore-term'], { stdinGraceMs: 50, termGraceMs: 200 })
  await close(peer)
  assert.equal((await peer.closed).signal, 'SIGKILL')
  assert.deepEqual(groupOf(pid), [])
})

test('a shell around the server and what it started in the background end with it', async () => {
  for (let round = 0; round < 10; round++) {
    const { peer, pid } = await startServer([], { command: 'sh', args: ['-c', wrapper], termGraceMs: 20 })
    await close(peer)
    assert.deepEqual(groupOf(pid), [])
  }
})

test('what a server wrote before it died is read by whoever opens the channel later', async () => {
  const dead = Promise.withResolvers()
  const args = ['-c', 'echo \'{"n":1}\'; echo \'{"n":2}\'; echo dead >&2; exit 5']
  const channel = await stdio({ command: 'sh', args, stderr: dead.resolve }).open()
  await dead.promise
  // long enough for the exit to be seen; not seeing it would be no less right
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  const seen = []
  const reason = await new Promise((end) => {
    channel.open({ message: (value) => seen.push(value), unreadable: (fault) => seen.push(fault), end })
  })
  assert.deepEqual(seen, [{ n: 1 }, { n: 2 }])
  assert.equal(reason.exitCode, 5)
  await channel.close()
})

test('floods and long messages pass', async () => {
  const { peer } = await startServer()
  assert.deepEqual(await peer.request('flood', { bytes: 10_000_000 }), {})
  const text = 'é'.repeat(5_000_000)
  assert.ok((await peer.request('echo', { text })).text === text)
  const answers = await Promise.all(Array.from({ length: 2000 }, (_, n) => peer.request('echo', { n })))
  assert.ok(answers.every((answer, n) => answer.n === n))
  await close(peer)
})

test('every sender goes on when a server that reads nothing dies', async () => {
  const pid = Promise.withResolvers()
  const args = ['-c', 'echo pid $$ >&2; exec sleep 60']
  const channel = await stdio({ command: 'sh', args, stderr: (line) => pid.resolve(Number(line.slice(4))) }).open()
  const end = new Promise((resolve) => channel.open({ message() {}, unreadable() {}, end: resolve }))
  const params = { text: 'x'.repeat(1_500_000) }
  const waiting = Array.from({ length: 10 }, () => channel.send({ jsonrpc: '2.0', method: 'm', params }))
  assert.ok(waiting.every((each) => each instanceof Promise))
  process.kill(await pid.promise, 'SIGKILL')
  await Promise.all(waiting)
  assert.equal((await end).signal, 'SIGKILL')
  await channel.close()
})

test('a server that closes its stdin and lives on fails the calls that can no longer be sent', async () => {
  const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} })
  const args = ['-c', `echo pid $$ >&2; read line; exec 0<&-; echo '${answer}'; exec sleep 60`]
  const { peer } = await startServer([], { command: 'sh', args, halfCloseGraceMs: 50, stdinGraceMs: 50 })
  await peer.request('first')
  const { reason } = await peer.request('second').catch((thrown) => thrown)
  assert.match(reason.message, /^the server closed its stdin/)
  assert.equal(reason.error.code, 'EPIPE')
  await close(peer)
})

test('a command or a working directory that is missing is named', async () => {
  await assert.rejects(stdio({ command: 'no-such-server' }).open(), (error) => {
    assert.ok(error instanceof ServerStartError)
    assert.match(error.message, /command "no-such-server" was not found on PATH/)
    return true
  })
  await assert.rejects(stdio({ command: 'cat', cwd: '/no/such/place' }).open(), /the working directory does not exist/)
})

test('no argument is told by whatever an error holds', async () => {
  const args = ['--header', 'Authorization: Bearer hunter2', '--access-key', 'hunter2']
  await assert.rejects(stdio({ command: 'no-such-server', args, env: { SECRET: 'hunter2' } }).open(), (error) => {
    assert.doesNotMatch(inspect(error, { depth: Number.POSITIVE_INFINITY }), /hunter2/)
    return true
  })
})

test('the one listener for the exit of this process goes with the last server', async () => {
  const before = process.listenerCount('exit')
  const servers = await Promise.all([startServer(), startServer()])
  assert.equal(process.listenerCount('exit'), before + 1)
  await Promise.all(servers.map(({ peer }) => close(peer)))
  assert.equal(process.listenerCount('exit'), before)
})

for (const [how, code] of [
  ['process.exit(0)', 0],
  ["throw new Error('on purpose')", 1],
]) {
  test(`no server outlives a parent that ends by ${how}`, () => {
    const program = `import { stdio } from '@bao-mcp/client'
      const args = ['-c', 'sleep 60 & echo pid $$ >&2; exec sleep 60']
      const pid = await new Promise((stderr) => stdio({ command: 'sh', args, stderr }).open())
      console.log(pid)
      ${how}`
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
    })
    assert.equal(status, code)
    assert.match(stdout, /^pid \d+\n$/)
    assert.deepEqual(groupOf(Number(stdout.slice(4))), [])
  })
}

function close(peer) {
  return peer[Symbol.asyncDispose]()
}
