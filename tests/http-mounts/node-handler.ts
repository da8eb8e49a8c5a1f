import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type AnswerRequest, nodeHandler } from '@bao-mcp/server/http'

const CHUNK = new Uint8Array(64 * 1024)
const LONG_BYTES = 64 * 1024 * 1024
/** More than the buffers of two sockets hold, and much less than what is sent. */
const BUFFERED_BYTES = 24 * 1024 * 1024

export interface Served extends AsyncDisposable {
  readonly url: string
  readonly errors: unknown[]
  /** This side of the connection that is made next. */
  accepted(): Promise<Socket>
  /** Connects and sends this text. */
  raw(text: string): Socket
}

/** What it starts is added to `servers`. */
type Scenario = (servers: Served[]) => Promise<void>

/** Runs a scenario and ends what it has started; Node 22 knows no `await using`. */
export async function runScenario(scenario: Scenario): Promise<void> {
  const servers: Served[] = []
  try {
    await scenario(servers)
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
}

/** What `nodeHandler` does with the requests of `node:http`, whoever implements that. */
export const nodeHandlerScenarios: Readonly<Record<string, Scenario>> = {
  async 'hands over method, URL, body and every value of a header'(servers) {
    const at = await serve(servers, async (request) => {
      const { method, url, headers } = request
      return Response.json([method, url, headers.get('x-twice'), await request.text()])
    })
    const head = 'PUT /a/b?c=%20 HTTP/1.1\r\nHost: some.name:81\r\nX-Twice: 1\r\nx-twice: 2\r\nConnection: close\r\n'
    const answer = await textOf(at.raw(`${head}Content-Length: 2\r\n\r\nhi`))
    assert.match(answer, /^HTTP\/1.1 200 /)
    assert.ok(answer.endsWith('["PUT","http://some.name:81/a/b?c=%20","1, 2","hi"]'), answer)
  },

  async 'sends status, headers and every cookie'(servers) {
    const at = await serve(servers, () => {
      const headers = new Headers({ 'x-own': 'yes' })
      for (const cookie of ['a=1', 'b=2']) headers.append('set-cookie', cookie)
      return new Response('made', { status: 201, headers })
    })
    const response = await fetch(at.url)
    assert.equal(response.status, 201)
    assert.equal(response.headers.get('x-own'), 'yes')
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(response.headers.get('content-length'), '4')
    assert.equal(await response.text(), 'made')
  },

  async 'sends the head of an event stream before its first event'(servers) {
    const stream = new TransformStream<Uint8Array, Uint8Array>()
    const at = await serve(servers, () => events(stream.readable))
    const response = await fetch(at.url)
    const writer = stream.writable.getWriter()
    void writer.write(new TextEncoder().encode(':\n\n'))
    void writer.close()
    assert.equal(await response.text(), ':\n\n')
  },

  async 'reads no more of a body than the handler asks for'(servers) {
    const asked = Promise.withResolvers<ReadableStreamDefaultReader<Uint8Array>>()
    const gate = Promise.withResolvers<void>()
    const at = await serve(servers, async ({ body }) => {
      if (body === null) throw new Error('no body')
      const reader = body.getReader()
      let length = (await reader.read()).value?.byteLength ?? 0
      asked.resolve(reader)
      await gate.promise
      for (let read = await reader.read(); !read.done; read = await reader.read()) length += read.value.byteLength
      return new Response(String(length))
    })
    const client = at.raw(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${LONG_BYTES}\r\n\r\n`)
    for (let sent = 0; sent < LONG_BYTES; sent += CHUNK.length) client.write(CHUNK)
    await asked.promise
    await turns()
    const taken = LONG_BYTES - client.writableLength
    assert.ok(taken < BUFFERED_BYTES, `${taken} bytes were taken`)
    gate.resolve()
    assert.ok((await textOf(client)).endsWith(String(LONG_BYTES)))
  },

  async 'takes no more of an event stream than the client reads'(servers) {
    let given = 0
    const began = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        began.resolve()
        given += CHUNK.length
        if (given > LONG_BYTES) controller.close()
        else controller.enqueue(CHUNK)
      },
    })
    const at = await serve(servers, () => events(body))
    const client = at.raw('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').pause()
    await began.promise
    await turns()
    assert.ok(given < BUFFERED_BYTES, `${given} bytes were taken`)
    let received = 0
    client.on('data', (chunk) => {
      received += chunk.length
    })
    await ended(client.resume())
    assert.ok(received > LONG_BYTES)
  },

  async 'aborts the request and cancels the stream when the client goes away'(servers) {
    const aborted = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<void>()
    const at = await serve(servers, ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(), { once: true })
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(CHUNK),
        cancel: () => cancelled.resolve(),
      })
      return events(body)
    })
    const client = at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    client.once('data', () => client.destroy())
    await aborted.promise
    await cancelled.promise
    assert.deepEqual(at.errors, [])
  },

  async 'ends the connection of a client that reads nothing of a whole answer'(servers) {
    const at = await serve(servers, () => new Response(new Uint8Array(LONG_BYTES)), { stalledReaderMs: 50 })
    const accepted = at.accepted()
    at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n').pause()
    await ended(await accepted)
    assert.deepEqual(at.errors, [])
  },

  async 'ends the connection of a client that reads nothing of a stream'(servers) {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(CHUNK) })
    const at = await serve(servers, () => events(body), { stalledReaderMs: 50 })
    const accepted = at.accepted()
    at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n').pause()
    await ended(await accepted)
    assert.deepEqual(at.errors, [])
  },

  async 'ends the connection of a reader that was given up, and does not report it'(servers) {
    const full = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>()
    let given = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += CHUNK.length
        if (given > LONG_BYTES) full.resolve(controller)
        else controller.enqueue(CHUNK)
      },
      start: (controller) => void turns().then(() => full.resolve(controller)),
    })
    const at = await serve(servers, () => events(body))
    const accepted = at.accepted()
    at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n').pause()
    const connection = await accepted
    const controller = await full.promise
    controller.error(new DOMException('it reads nothing', 'AbortError'))
    await ended(connection)
    assert.deepEqual(at.errors, [])
  },

  async 'bounds nothing of a connection whose client has read the answer'(servers) {
    const bounds: unknown[] = []
    const at = await serve(
      servers,
      async () => {
        bounds.push((await accepted).timeout || 0)
        return new Response('ok')
      },
      { stalledReaderMs: 50_000, keepAliveTimeout: 0 },
    )
    const accepted = at.accepted()
    const client = at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => client.once('data', resolve))
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.ok((await textOf(client)).endsWith('ok'))
    assert.deepEqual(bounds, [0, 0])
  },

  async 'aborts nothing after an answer that was received'(servers) {
    const signals: AbortSignal[] = []
    const at = await serve(servers, ({ signal }) => {
      signals.push(signal)
      return new Response('ok')
    })
    assert.equal(await (await fetch(at.url)).text(), 'ok')
    await turns()
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [false],
    )
  },

  async 'tells the client nothing of a handler that fails'(servers) {
    const error = new Error('the secret is 42')
    const at = await serve(servers, () => Promise.reject(error))
    const response = await fetch(at.url)
    assert.equal(response.status, 500)
    assert.equal(await response.text(), '')
    assert.deepEqual(at.errors, [error])
  },

  async 'cuts off an event stream that fails'(servers) {
    const error = new Error('broken')
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined
    const body = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given
        given.enqueue(CHUNK)
      },
    })
    const at = await serve(servers, () => events(body))
    const client = at.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    client.once('data', () => controller?.error(error))
    assert.ok(!(await textOf(client)).endsWith('0\r\n\r\n'))
    assert.deepEqual(at.errors, [error])
  },

  async 'refuses what no request can be made of'(servers) {
    const at = await serve(servers, () => new Response('ok'))
    const answer = await textOf(at.raw('GET / HTTP/1.1\r\nHost: not a host\r\nConnection: close\r\n\r\n'))
    assert.match(answer, /^HTTP\/1.1 400 /)
    assert.deepEqual(at.errors, [])
  },

  async 'names a body that somebody has read before'() {
    const errors: unknown[] = []
    const handle = nodeHandler((request) => request.text().then(() => new Response()), {
      onError: (error) => errors.push(error),
    })
    const server = createServer((incoming, outgoing) => {
      incoming.on('end', () => setImmediate(() => handle(incoming, outgoing))).resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const response = await fetch(`http://127.0.0.1:${portOf(server.address())}/`, { method: 'POST', body: '{}' })
    assert.equal(response.status, 500)
    assert.match(String(errors), /mount it before any body parser/)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  },
}

async function serve(
  servers: Served[],
  answer: AnswerRequest,
  { keepAliveTimeout = 5000, ...options }: { stalledReaderMs?: number; keepAliveTimeout?: number } = {},
): Promise<Served> {
  const errors: unknown[] = []
  const server = createServer(
    { keepAliveTimeout },
    nodeHandler(answer, { ...options, onError: (error) => errors.push(error) }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server.address())
  const served: Served = {
    url: `http://127.0.0.1:${port}/`,
    errors,
    accepted: () => new Promise((resolve) => server.once('connection', resolve)),
    raw(text) {
      const socket = connect(port, '127.0.0.1')
      socket.write(text)
      return socket
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  servers.push(served)
  return served
}

function events(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen on a port')
  return address.port
}

/** Everything that comes until the other side ends. */
async function textOf(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  await ended(socket)
  return text
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
    // a connection that was cut off is over as well
    socket.once('error', () => resolve())
  })
}

/** Long enough for whoever would go on to do so; stopping late would be no less right. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve))
}
