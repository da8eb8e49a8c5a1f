import { expect, test } from 'bun:test'
import type { Channel, CloseReason, Unreadable } from '@bao-mcp/protocol/engine'
import { createFakeClock, type FakeClock, settle } from '@bao-mcp/protocol/testing'
import { type FakeChild, fakeChild } from './fake-child.test.kit.ts'
import { createProcessChannel } from './process-channel.ts'

test('messages of one tick leave in one write', async () => {
  const { channel, child } = start()
  void channel.send({ jsonrpc: '2.0', method: 'a' })
  void channel.send([{ jsonrpc: '2.0', method: 'b' }])
  expect(child.written).toEqual([])
  await settle()
  expect(child.written).toEqual(['{"jsonrpc":"2.0","method":"a"}\n[{"jsonrpc":"2.0","method":"b"}]\n'])
})

test('the end waits for the pipes of a dead child, and for no more than the drain time', async () => {
  const { child, clock, heard } = start()
  child.die({ exitCode: 2 })
  await settle()
  child.stdout('{"n":1}\n{"n":2}')
  child.stderr('why')
  expect(heard.reason).toBeUndefined()
  await clock.advance(100)
  expect(heard.values).toEqual([{ n: 1 }, { n: 2 }])
  expect(heard.reason?.message).toBe('the server exited with code 2; last stderr: why')
  child.stdout('{"n":3}\n')
  expect(heard.values).toHaveLength(2)
})

test('closed pipes make the drain time needless', async () => {
  const { child, heard, clock } = start()
  child.die({ exitCode: 0 })
  child.closeStdout()
  child.closeStderr()
  await settle()
  expect(heard.reason).toEqual({ kind: 'remote', message: 'the server exited with code 0', exitCode: 0 })
  expect(clock.timers).toBe(0)
  expect(child.deeds).toEqual(['release'])
})

test('closing goes from the end of stdin over SIGTERM to SIGKILL [MCP-029, MCP-030]', async () => {
  const { channel, child, clock, heard } = start()
  const closing = channel.close()
  expect(heard.readEnd).toEqual({ kind: 'local', message: 'closed by this side' })
  await settle()
  expect(child.deeds).toEqual(['end stdin'])
  await clock.advance(2000)
  expect(child.deeds).toEqual(['end stdin', 'SIGTERM'])
  await clock.advance(1000)
  expect(child.deeds).toEqual(['end stdin', 'SIGTERM', 'SIGKILL'])
  expect(heard.reason).toBeUndefined()
  child.die({ signal: 'SIGKILL' })
  child.closeStderr()
  await closing
  expect(heard.reason).toMatchObject({ kind: 'local', signal: 'SIGKILL' })
  expect(child.deeds.at(-1)).toBe('release')
  expect(clock.timers).toBe(0)
})

test('closing a child that even SIGKILL does not end comes to an end', async () => {
  const { channel, child, clock, heard } = start()
  const closing = channel.close()
  for (const ms of [2000, 1000, 500]) {
    await clock.advance(ms)
  }
  await closing
  expect(heard.reason).toEqual({ kind: 'failed', message: 'process 4711 could not be ended' })
  expect(child.deeds.at(-1)).toBe('release')
})

test('stdin closes when what was sent has left', async () => {
  const { channel, child } = start()
  child.full = true
  void channel.send({ jsonrpc: '2.0', method: 'a' })
  const closing = channel.close()
  await settle()
  expect(child.deeds).toEqual(['write'])
  child.drain()
  await settle()
  expect(child.deeds).toEqual(['write', 'end stdin'])
  child.die({ exitCode: 0 })
  child.closeStderr()
  await closing
})

test('while a channel is closed nothing more is sent or heard', async () => {
  const { channel, child, heard } = start()
  const closing = channel.close()
  void channel.send({ jsonrpc: '2.0', method: 'late' })
  child.stdout('{"n":1}\n')
  child.die({ exitCode: 0 })
  child.closeStderr()
  await closing
  expect(child.written).toEqual([])
  expect(heard.values).toEqual([])
})

test('what the child left behind is ended before closing resolves, however it died', async () => {
  const { channel, child, clock } = start()
  child.leftovers = true
  child.onSignal = (signal) => {
    if (signal === 'SIGKILL') child.leftovers = false
  }
  child.die({ exitCode: 0 })
  child.closeStdout()
  child.closeStderr()
  await settle()
  let closed = false
  const closing = channel.close().then(() => {
    closed = true
  })
  await clock.advance(999)
  expect(child.deeds).toEqual(['SIGTERM', 'end stdin'])
  expect(closed).toBe(false)
  await clock.advance(30)
  await closing
  expect(child.deeds).toEqual(['SIGTERM', 'end stdin', 'SIGKILL', 'release'])
})

test('a broken stdin is told by the exit when one follows', async () => {
  const { channel, child, clock, heard } = start()
  child.full = true
  void channel.send({ jsonrpc: '2.0', method: 'a' })
  await settle()
  child.breakPipe(new Error('EPIPE'))
  await settle()
  await clock.advance(200)
  child.die({ exitCode: 6 })
  child.closeStdout()
  child.closeStderr()
  await settle()
  expect(heard.reason).toMatchObject({ kind: 'failed', exitCode: 6 })
  expect(heard.reason).not.toHaveProperty('error')
  expect(clock.timers).toBe(0)
})

test('a broken stdin without an exit is a failure of its own', async () => {
  const { channel, child, clock, heard } = start()
  const error = new Error('EPIPE')
  child.full = true
  void channel.send({ jsonrpc: '2.0', method: 'a' })
  await settle()
  child.breakPipe(error)
  await settle()
  await clock.advance(250)
  expect(heard.reason).toEqual({ kind: 'failed', message: 'the server closed its stdin', error })
  expect(child.deeds).toContain('end stdin')
})

test('a stdout that closes without an exit ends the conversation, after its last line', async () => {
  const { child, clock, heard } = start()
  child.stdout('{"n":1}')
  child.closeStdout()
  expect(heard.values).toEqual([{ n: 1 }])
  await clock.advance(249)
  expect(heard.reason).toBeUndefined()
  await clock.advance(1)
  expect(heard.reason).toEqual({ kind: 'remote', message: 'the server closed its stdout' })
})

test('a child that reads nothing is given up when too much waits for too long', async () => {
  const { channel, child, clock, heard } = start()
  child.full = true
  const first = channel.send({ jsonrpc: '2.0', method: 'x'.repeat(600) })
  const second = channel.send({ jsonrpc: '2.0', method: 'x'.repeat(600) })
  await settle()
  await clock.advance(29_999)
  expect(heard.reason).toBeUndefined()
  await clock.advance(1)
  expect(heard.reason?.kind).toBe('failed')
  expect(heard.reason?.message).toStartWith('the server read nothing for 30000 ms')
  await Promise.all([first, second])
})

test('a receiver may close the channel from whatever it hears', async () => {
  for (const cause of ['close', 'stdout', 'exit'] as const) {
    const { channel, child, clock, heard } = start((told) => {
      if (told !== 'message') void channel.close()
    })
    if (cause === 'close') void channel.close()
    if (cause === 'stdout') child.closeStdout()
    if (cause === 'exit') child.die({ exitCode: 0 })
    await clock.advance(250)
    await clock.advance(2000)
    child.die({ signal: 'SIGTERM' })
    child.closeStderr()
    await channel.close()
    expect(heard.reason?.kind).toBe(cause === 'close' ? 'local' : 'remote')
    expect(heard.readEnd === undefined).toBe(cause !== 'close')
  }
})

test('an answer behind a log fragment in the last line is passed on', async () => {
  const { child, heard } = start()
  child.stdout('debug: {"jsonrpc":"2.0","id":1,"result":{}}')
  child.closeStdout()
  expect(heard.faults).toMatchObject([{ salvaged: { id: 1 } }])
})

test('a receiver that is told of a fault hears what arrived', () => {
  const { child, heard } = start()
  child.stdout('rubbish\n{"n":1}\n')
  expect(heard.faults.map(({ excerpt }) => excerpt)).toEqual(['rubbish'])
  expect(heard.values).toEqual([{ n: 1 }])
})

test('a channel is opened once', () => {
  const { channel } = start()
  expect(() => channel.open({ message() {}, unreadable() {}, end() {} })).toThrow(TypeError)
})

interface Heard {
  values: unknown[]
  faults: Unreadable[]
  readEnd?: CloseReason
  reason?: CloseReason
}

function start(onTold: (told: 'message' | 'readEnd' | 'end') => void = () => {}): {
  channel: Channel
  child: FakeChild
  clock: FakeClock
  heard: Heard
} {
  const child = fakeChild()
  const clock = createFakeClock()
  const channel = createProcessChannel(child, {
    maxMessageBytes: undefined,
    highWaterBytes: 500,
    maxOutboundBytes: 1000,
    stalledReaderMs: 30_000,
    stdinGraceMs: 2000,
    termGraceMs: 1000,
    killGraceMs: 500,
    exitDrainMs: 100,
    halfCloseGraceMs: 250,
    onStderr: undefined,
    onStderrLine: undefined,
    timer: clock,
  })
  const heard: Heard = { values: [], faults: [] }
  channel.open({
    message(value) {
      heard.values.push(value)
      onTold('message')
    },
    unreadable: (fault) => heard.faults.push(fault),
    readEnd(reason) {
      if (heard.readEnd !== undefined || heard.reason !== undefined) throw new Error('the read end came late')
      heard.readEnd = reason
      onTold('readEnd')
    },
    end(reason) {
      if (heard.reason !== undefined) throw new Error('the end came twice')
      heard.reason = reason
      onTold('end')
    },
  })
  return { channel, child, clock, heard }
}
