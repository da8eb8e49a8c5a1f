import { expect, test } from 'bun:test'
import type { Receiver } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import type { StdinHandlers } from '../runtime/port.ts'
import { createStdioChannel } from './channel.ts'

function setUp() {
  const seen: unknown[] = []
  const written: string[] = []
  let stdin: StdinHandlers | undefined
  let stopped = 0
  const receiver: Receiver = {
    message: (value) => seen.push(value),
    unreadable: ({ kind }) => seen.push(kind),
    readEnd: ({ message }) => seen.push(['readEnd', message]),
    end: ({ kind, message }) => seen.push(['end', kind, message]),
  }
  const channel = createStdioChannel({
    clock: createFakeClock(),
    maxMessageBytes: 100,
    read(handlers) {
      stdin = handlers
      return () => {
        stopped++
      }
    },
    sink: { write: (text) => void written.push(text) },
    onInputEnd: ({ message }) => seen.push(['inputEnd', message]),
  })
  channel.open(receiver)
  return {
    channel,
    seen,
    written,
    arrive: (text: string) => stdin?.chunk(new TextEncoder().encode(text)),
    endInput: (error?: Error) => stdin?.end(error),
    stops: () => stopped,
  }
}

test('reads lines, and the last one without a newline when stdin ends', () => {
  const { arrive, endInput, seen } = setUp()
  arrive('{"a":1}\n{"b"')
  arrive(':2}\n{"c":3}')
  expect(seen).toEqual([{ a: 1 }, { b: 2 }])
  endInput()
  expect(seen.slice(2)).toEqual([{ c: 3 }, ['readEnd', 'stdin has ended'], ['inputEnd', 'stdin has ended']])
})

test('still sends after stdin has ended, until it is closed', async () => {
  const { channel, endInput, written, seen } = setUp()
  endInput()
  void channel.send({ jsonrpc: '2.0', id: 1, result: {} })
  await channel.close()
  expect(written).toEqual(['{"jsonrpc":"2.0","id":1,"result":{}}\n'])
  expect(seen.at(-1)).toEqual(['end', 'local', 'closed by this side'])
})

test('reports what is no message and what is too long', () => {
  const { arrive, seen } = setUp()
  arrive(`nonsense\n${'x'.repeat(200)}\n`)
  expect(seen).toEqual(['syntax', 'oversized'])
})

test('tells a failure to read from the end of stdin', () => {
  const { endInput, seen } = setUp()
  endInput(new Error('input/output error'))
  expect(seen[0]).toEqual(['readEnd', 'stdin cannot be read: input/output error'])
})

test('writes a batch as one line', async () => {
  const { channel, written } = setUp()
  void channel.send([
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', method: 'n' },
  ])
  await channel.close()
  expect(written).toEqual(['[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","method":"n"}]\n'])
})

test('throws at once for what cannot be serialised, and writes nothing of it', async () => {
  const { channel, written } = setUp()
  expect(() => channel.send({ jsonrpc: '2.0', id: 1, result: { big: 1n } })).toThrow(TypeError)
  await channel.close()
  expect(written).toEqual([])
})

test('ends once, however often it is closed, and stops reading', async () => {
  const { channel, seen, stops } = setUp()
  await Promise.all([channel.close(), channel.close()])
  await channel[Symbol.asyncDispose]()
  expect(seen).toEqual([['end', 'local', 'closed by this side']])
  expect(stops()).toBeGreaterThan(0)
})
