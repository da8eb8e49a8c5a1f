import { expect, test } from 'bun:test'
import { systemClock } from '@bao-mcp/protocol/engine'
import type { EndSignal, ProcessHost } from '../runtime/port.ts'
import type { HttpHandler } from './handler.ts'
import { type HostOptions, type HttpServer, hostHandler } from './host.ts'
import { HttpListenError } from './listen-error.ts'

interface StandIn {
  readonly handler: HttpHandler
  /** What was asked of it, in its order. */
  readonly asked: string[]
}

function standIn(answer: (request: Request) => Promise<Response>, drained: Promise<void> = Promise.resolve()): StandIn {
  const asked: string[] = []
  const drain = (graceMs?: number): Promise<void> => {
    asked.push(`drain ${graceMs}`)
    return drained
  }
  const close = async (): Promise<void> => void asked.push('close')
  const handler = Object.assign((request: Request) => answer(request), {
    inFlight: 0,
    drain,
    close,
    [Symbol.asyncDispose]: close,
  })
  return { handler, asked }
}

/** A process whose signals and failures are made by the test, and whose end is only recorded. */
function fakeProcess() {
  const listeners: { signal?: (signal: EndSignal) => void; uncaught?: (error: unknown) => void } = {}
  const ends: string[] = []
  const host: ProcessHost = {
    onSignal(fn) {
      listeners.signal = fn
      return () => delete listeners.signal
    },
    onUncaught(fn) {
      listeners.uncaught = fn
      return () => delete listeners.uncaught
    },
    onUnhandledRejection: () => () => undefined,
    holdOpen: () => () => undefined,
    exit: (code) => void ends.push(`exit ${code}`),
    exitWithin: (ms, code) => void ends.push(`exit ${code} within ${ms}`),
    parentPid: () => 0,
  }
  return { host, listeners, ends }
}

interface Logged {
  lines: string[]
  causes: unknown[]
}

function serve(handler: HttpHandler, more: Partial<HostOptions> = {}, logged: Logged = { lines: [], causes: [] }) {
  const write = (line: string): void => void logged.lines.push(line)
  const error = (line: string, cause?: unknown): void => {
    logged.lines.push(line)
    logged.causes.push(cause)
  }
  return hostHandler(handler, {
    port: 0,
    hostname: '127.0.0.1',
    path: '/mcp',
    maxBodyBytes: 1000,
    drainGraceMs: 5000,
    lingerMs: 250,
    ownsProcess: false,
    metadataPaths: [],
    stalledReaderMs: 1000,
    log: { debug: write, info: write, warning: write, error },
    clock: systemClock,
    host: fakeProcess().host,
    ...more,
  })
}

async function ask(http: HttpServer, path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(new URL(path, http.url), init)
  return `${response.status} ${await response.text()}`
}

const echo = async (request: Request): Promise<Response> => new Response(`${new URL(request.url).pathname} is taken`)

test('hands its path to the handler and says at every other one where the server is', async () => {
  await using http = await serve(standIn(echo).handler)
  expect(await ask(http, '/mcp')).toBe('200 /mcp is taken')
  expect(await ask(http, '/mcp?query')).toBe('200 /mcp is taken')
  const elsewhere = '404 There is nothing here; this server is found under /mcp\n'
  for (const path of ['/', '/mcp/', '/mcpx', '/.well-known/oauth-protected-resource', '/x?/mcp']) {
    expect(await ask(http, path)).toBe(elsewhere)
  }
})

const ROOT = '/.well-known/oauth-protected-resource'

test('hands the metadata of its protection to the handler when it is protected', async () => {
  await using http = await serve(standIn(echo).handler, { metadataPaths: [ROOT, `${ROOT}/mcp`] })
  for (const path of [ROOT, `${ROOT}/mcp`]) {
    expect(await ask(http, path)).toBe(`200 ${path} is taken`)
    expect(await ask(http, path, { method: 'OPTIONS' })).toBe(`200 ${path} is taken`)
  }
  for (const path of ['/.well-known/other', `${ROOT}-other`, `${ROOT}/`, `${ROOT}/other`]) {
    expect(await ask(http, path)).toStartWith('404 ')
  }
})

test('hands nothing but questions for metadata to the handler outside its path', async () => {
  await using http = await serve(standIn(echo).handler, { metadataPaths: [ROOT] })
  for (const method of ['POST', 'DELETE']) expect(await ask(http, ROOT, { method })).toStartWith('404 ')
})

test('names the address by which this machine reaches it', async () => {
  await using all = await serve(standIn(echo).handler, { hostname: '0.0.0.0' })
  expect(all.url.href).toBe(`http://localhost:${all.port}/mcp`)
  await using one = await serve(standIn(echo).handler)
  expect(one.url.href).toBe(`http://127.0.0.1:${one.port}/mcp`)
})

test('says which port is in use and what to do, and closes the handler', async () => {
  await using http = await serve(standIn(echo).handler)
  const second = standIn(echo)
  const error = await serve(second.handler, { port: http.port }).catch((thrown: unknown) => thrown)
  if (!(error instanceof HttpListenError)) throw error
  expect(error.code).toBe('EADDRINUSE')
  expect(error.port).toBe(http.port)
  expect(error.message).toBe(
    `cannot listen on 127.0.0.1, port ${http.port} (EADDRINUSE): the port is in use; ` +
      'stop what listens there, or take another one (port: 0 takes any that is free)',
  )
  expect(second.asked).toEqual(['close'])
})

test('tells the client nothing of a handler that throws, and the log everything', async () => {
  const logged: Logged = { lines: [], causes: [] }
  const error = new Error('the secret is 42')
  await using http = await serve(standIn(() => Promise.reject(error)).handler, {}, logged)
  expect(await ask(http, '/mcp')).toBe('500 ')
  expect(logged).toEqual({ lines: ['a request could not be answered'], causes: [error] })
})

test('lets a body that is a little too long reach the handler, and none that is much too long', async () => {
  const seen: number[] = []
  const { handler } = standIn(async (request) => {
    seen.push((await request.arrayBuffer()).byteLength)
    return new Response(null, { status: 413 })
  })
  await using http = await serve(handler)
  expect(await ask(http, '/mcp', { method: 'POST', body: 'x'.repeat(1001) })).toBe('413 ')
  expect(seen).toEqual([1001])
  expect(await ask(http, '/mcp', { method: 'POST', body: 'x'.repeat(100_000) })).toStartWith('413 ')
  expect(seen).toEqual([1001])
})

test('answers what runs, then is closed and lets nobody in', async () => {
  const running = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const work = gate.promise.then(() => new Response('done'))
  const { handler, asked } = standIn(
    () => {
      running.resolve()
      return work
    },
    work.then(() => undefined),
  )
  const http = await serve(handler)
  const answer = ask(http, '/mcp')
  await running.promise
  const closed = http.close()
  expect(http.close()).toBe(http.closed)
  await expect(fetch(http.url)).rejects.toThrow()
  gate.resolve()
  expect(await answer).toBe('200 done')
  await closed
  expect(asked).toEqual(['drain 5000', 'close'])
})

test('is closed although the handler fails to close, and says so', async () => {
  const logged: Logged = { lines: [], causes: [] }
  const { handler } = standIn(echo, Promise.reject(new Error('no')))
  const http = await serve(handler, {}, logged)
  await http.close()
  expect(logged.lines).toEqual(['closing the HTTP server failed'])
  await expect(fetch(http.url)).rejects.toThrow()
})

test('on a signal drains and ends the process with 0, and at once on a second one', async () => {
  const { host, listeners, ends } = fakeProcess()
  const gate = Promise.withResolvers<void>()
  const { handler, asked } = standIn(echo, gate.promise)
  const http = await serve(handler, { ownsProcess: true, host })
  listeners.signal?.('SIGTERM')
  expect(asked).toEqual(['drain 5000'])
  listeners.signal?.('SIGTERM')
  listeners.signal?.('SIGINT')
  expect(ends).toEqual(['exit 143', 'exit 130'])
  gate.resolve()
  await http.closed
  expect(ends).toEqual(['exit 143', 'exit 130', 'exit 0 within 250'])
  expect(listeners).toEqual({})
})

test('after an uncaught exception waits for nothing and ends the process with 1', async () => {
  const { host, listeners, ends } = fakeProcess()
  const { handler, asked } = standIn(echo)
  const http = await serve(handler, { ownsProcess: true, host })
  listeners.uncaught?.(new Error('bug'))
  await http.closed
  expect(asked).toEqual(['drain 0', 'close'])
  expect(ends).toEqual(['exit 1 within 250'])
})

test('leaves the process alone when the program closes it, and when it does not own the process', async () => {
  const { host, listeners, ends } = fakeProcess()
  const owner = await serve(standIn(echo).handler, { ownsProcess: true, host })
  await owner.close()
  expect(listeners).toEqual({})
  await using guest = await serve(standIn(echo).handler, { host })
  expect(listeners).toEqual({})
  await guest.close()
  expect(ends).toEqual([])
})

test('of two servers of one process the last to be over ends it', async () => {
  const [one, two] = [fakeProcess(), fakeProcess()]
  const gate = Promise.withResolvers<void>()
  const slow = await serve(standIn(echo, gate.promise).handler, { ownsProcess: true, host: one.host })
  const quick = await serve(standIn(echo).handler, { ownsProcess: true, host: two.host })
  one.listeners.signal?.('SIGTERM')
  two.listeners.signal?.('SIGTERM')
  await quick.closed
  expect([...one.ends, ...two.ends]).toEqual([])
  gate.resolve()
  await slow.closed
  expect([...one.ends, ...two.ends]).toEqual(['exit 0 within 250'])
})
