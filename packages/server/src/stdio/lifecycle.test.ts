import { expect, test } from 'bun:test'
import type { CloseReason, RpcError } from '@bao-mcp/protocol/engine'
import { createFakeClock } from '@bao-mcp/protocol/testing'
import type { ServerConnection } from '../connection.ts'
import type { EndSignal, ProcessHost } from '../runtime/port.ts'
import { superviseConnection } from './lifecycle.ts'

function setUp({ ownsProcess = true, inFlight = 0, extensions = Promise.resolve() } = {}) {
  const extensionsAsked: number[] = []
  const events: string[] = []
  const clock = createFakeClock()
  const closed = Promise.withResolvers<CloseReason>()
  const idle = Promise.withResolvers<void>()
  if (inFlight === 0) idle.resolve()
  const connection: ServerConnection = {
    inFlight,
    idle: () => idle.promise,
    refuse: (error: RpcError) => events.push(`refuse ${error.code} ${error.message}`),
    failInFlight(error: RpcError) {
      events.push(`fail ${error.code} ${error.message}`)
      idle.resolve()
    },
    async drainExtensions(graceMs) {
      extensionsAsked.push(graceMs)
      await extensions
    },
    closed: closed.promise,
    async close() {
      events.push('close')
      closed.resolve({ kind: 'local', message: 'closed by this side' })
    },
  }
  const installed = new Set<string>()
  const on: {
    signal?: (signal: EndSignal) => void
    uncaught?: (error: unknown) => void
    rejection?: (reason: unknown) => void
  } = {}
  const install = (name: string): (() => void) => {
    installed.add(name)
    return () => installed.delete(name)
  }
  const host: ProcessHost = {
    onSignal(fn) {
      on.signal = fn
      return install('signal')
    },
    onUncaught(fn) {
      on.uncaught = fn
      return install('uncaught')
    },
    onUnhandledRejection(fn) {
      on.rejection = fn
      return install('rejection')
    },
    holdOpen: () => install('hold'),
    exit: (code) => void events.push(`exit ${code}`),
    exitWithin: (ms, code) => void events.push(`exit ${code} within ${ms}`),
    parentPid: () => 1,
  }
  const log = {
    debug: () => {},
    info: () => {},
    warning: (message: string) => void events.push(`warning ${message}`),
    error: (message: string, cause: unknown) => void events.push(`error ${message}: ${String(cause)}`),
  }
  const lifecycle = superviseConnection({ connection, host, log, clock, drainGraceMs: 100, ownsProcess })
  return { lifecycle, events, clock, idle, closed, installed, on, extensionsAsked }
}

const EOF: CloseReason = { kind: 'remote', message: 'stdin has ended' }
const REFUSED = 'refuse -31999 the server is shutting down'

test('refuses, waits for what runs, closes and ends with 0', async () => {
  const { lifecycle, events, idle, installed } = setUp({ inFlight: 2 })
  lifecycle.shutDown(EOF)
  lifecycle.shutDown(EOF)
  expect(events).toEqual([REFUSED])
  expect([...installed]).toEqual(['signal', 'uncaught', 'rejection', 'hold'])
  idle.resolve()
  expect(await lifecycle.ended).toBe(0)
  expect(events).toEqual([REFUSED, 'close'])
  expect(installed.size).toBe(0)
})

test('answers what has not finished within the grace', async () => {
  const { lifecycle, events, clock } = setUp({ inFlight: 2 })
  lifecycle.shutDown(EOF)
  await clock.advance(100)
  expect(await lifecycle.ended).toBe(0)
  expect(events).toEqual([
    REFUSED,
    'warning 2 calls did not finish within 100 ms (drainGraceMs)',
    'fail -32603 the server shut down before the call finished',
    'close',
  ])
  expect(clock.timers).toBe(0)
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('drains on %s and exits at once on the second', async (signal, code) => {
  const { lifecycle, on, events, idle } = setUp({ inFlight: 1 })
  on.signal?.(signal)
  expect(events).toEqual([REFUSED])
  on.signal?.(signal)
  expect(events).toEqual([REFUSED, `exit ${code}`])
  idle.resolve()
  expect(await lifecycle.ended).toBe(0)
})

test('lets the first signal pass while it drains for another reason', async () => {
  const { lifecycle, on, events, idle } = setUp({ inFlight: 1 })
  lifecycle.shutDown(EOF)
  on.signal?.('SIGTERM')
  idle.resolve()
  expect(await lifecycle.ended).toBe(0)
  expect(events).toEqual([REFUSED, 'close'])
})

test('answers what runs and ends with 1 after an uncaught exception', async () => {
  const { lifecycle, on, events } = setUp({ inFlight: 1 })
  on.uncaught?.(new Error('boom'))
  expect(await lifecycle.ended).toBe(1)
  expect(events).toEqual([
    'fail -32603 the server failed before the call finished',
    'error shutting down: an uncaught exception: Error: boom',
    REFUSED,
    'close',
  ])
})

test('ends with 1 when stdin fails, also while it drains already', async () => {
  const { lifecycle, events } = setUp()
  lifecycle.shutDown(EOF)
  lifecycle.shutDown({ kind: 'failed', message: 'stdin cannot be read', error: 'EIO' })
  expect(await lifecycle.ended).toBe(1)
  expect(events).toEqual([REFUSED, 'error shutting down: stdin cannot be read: EIO', 'close'])
})

test('logs an unhandled rejection and lives on', () => {
  const { on, events, installed } = setUp()
  on.rejection?.('why')
  expect(events).toEqual(['error a promise was rejected and nobody handled it: why'])
  expect(installed.size).toBe(3)
})

test('ends with 0 when the client is gone and with 1 when the pipe failed', async () => {
  const gone = setUp()
  gone.closed.resolve({ kind: 'remote', message: 'the reader of stdout is gone' })
  expect(await gone.lifecycle.ended).toBe(0)
  expect(gone.events).toEqual(['warning the connection is over: the reader of stdout is gone'])
  const failed = setUp()
  failed.closed.resolve({ kind: 'failed', message: 'stalled' })
  expect(await failed.lifecycle.ended).toBe(1)
  expect(failed.installed.size).toBe(0)
})

test('installs nothing in a process it does not own', async () => {
  const { lifecycle, installed } = setUp({ ownsProcess: false })
  expect(installed.size).toBe(0)
  lifecycle.shutDown(EOF)
  expect(await lifecycle.ended).toBe(0)
  expect(installed.size).toBe(0)
})

test('waits for what extensions go on with, with the time that is left', async () => {
  const extensions = Promise.withResolvers<void>()
  const { lifecycle, events, clock, idle, extensionsAsked } = setUp({ inFlight: 1, extensions: extensions.promise })
  lifecycle.shutDown(EOF)
  await clock.advance(30)
  idle.resolve()
  await idle.promise
  await clock.advance(0)
  expect([extensionsAsked, events]).toEqual([[70], [REFUSED]])
  extensions.resolve()
  expect(await lifecycle.ended).toBe(0)
  expect([extensionsAsked, events]).toEqual([[70], [REFUSED, 'close']])
})

test('waits for extensions when the other side has gone as well, and not after a failure', async () => {
  const gone = setUp()
  gone.closed.resolve({ kind: 'remote', message: 'stdout is closed' })
  expect(await gone.lifecycle.ended).toBe(0)
  expect(gone.extensionsAsked).toEqual([100])
  const failed = setUp({ inFlight: 1 })
  failed.on.uncaught?.(new Error('boom'))
  expect(await failed.lifecycle.ended).toBe(1)
  expect(failed.extensionsAsked).toEqual([0])
})
