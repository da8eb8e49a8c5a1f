import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Fault } from './fault-plan.ts'

/** One request as the proxy has read it. */
export interface Passing {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

export interface FaultProxy extends AsyncDisposable {
  readonly origin: string
  /** Faults that struck so far, by kind. */
  readonly struck: ReadonlyMap<Fault['kind'], number>
}

export interface FaultProxyOptions {
  serve(request: Request): Response | Promise<Response>
  faultOf(passing: Passing): Fault
}

/** A proxy between sockets and a server, which lets happen to each request what it is told. */
export async function openFaultProxy({ serve, faultOf }: FaultProxyOptions): Promise<FaultProxy> {
  const struck = new Map<Fault['kind'], number>()
  const sockets = new Set<Socket>()
  let origin = ''

  async function pass(passing: Passing, socket: Socket, signal: AbortSignal): Promise<void> {
    const fault = faultOf(passing)
    struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1)
    if (fault.kind === 'drop_request') return end(socket, fault.reset)
    if (fault.kind === 'hang_request') return
    if (fault.kind === 'refuse') {
      const refusal = new Response(fault.body, { status: fault.status, headers: { ...fault.headers } })
      return write(socket, refusal, { kind: 'none' })
    }
    const { method, path, headers, body } = passing
    const init = { method, headers, signal, ...(method === 'POST' && { body }) }
    const response = await serve(new Request(`${origin}${path}`, init))
    switch (fault.kind) {
      case 'drop_answer':
        await response.text()
        return end(socket, fault.reset)
      case 'replace': {
        await response.text()
        const headers = { 'content-type': fault.type }
        return write(socket, new Response(fault.body, { status: fault.status, headers }), { kind: 'none' })
      }
      case 'hang_answer':
        await response.text()
        return
      case 'bad_head':
        await response.text()
        return void socket.write('HTTP/1.1 two hundred\r\n\r\n')
      case 'delay':
        await Bun.sleep(fault.ms)
        return write(socket, response, fault)
      default:
        return write(socket, response, fault)
    }
  }

  function accept(socket: Socket): void {
    const gone = new AbortController()
    let held = Buffer.alloc(0)
    let isBusy = false
    sockets.add(socket)
    socket.on('error', () => {
      // a client that lets go of a connection is part of the matter
    })
    socket.on('close', () => {
      sockets.delete(socket)
      gone.abort()
    })
    const next = (): void => {
      if (isBusy) return
      const read = readRequest(held)
      if (read === undefined) return
      held = held.subarray(read.length)
      isBusy = true
      pass(read.passing, socket, gone.signal)
        .catch(() => socket.destroy())
        .finally(() => {
          isBusy = false
          next()
        })
    }
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, Buffer.from(chunk)])
      next()
    })
  }

  const server = createServer(accept).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen on a port')
  origin = `http://127.0.0.1:${address.port}`
  return {
    origin,
    struck,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function readRequest(held: Buffer): { passing: Passing; length: number } | undefined {
  const end = held.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = held.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const start = end + 4
  const length = start + Number(headers.get('content-length') ?? 0)
  if (held.length < length) return undefined
  return { passing: { method, path, headers, body: held.subarray(start, length).toString() }, length }
}

function end(socket: Socket, reset: boolean): void {
  if (reset) socket.resetAndDestroy()
  else socket.destroy()
}

async function write(socket: Socket, response: Response, fault: Fault): Promise<void> {
  const { status, headers, body } = response
  const lines = [...headers].filter(([name]) => name !== 'content-length').map(([name, value]) => `${name}: ${value}`)
  socket.write([`HTTP/1.1 ${status} Some Words`, ...lines, 'transfer-encoding: chunked', '', ''].join('\r\n'))
  let left = fault.kind === 'truncate' ? fault.bytes : Number.POSITIVE_INFINITY
  if (fault.kind === 'prefix') writeChunk(socket, Buffer.from(fault.text))
  const seen: Buffer[] = []
  for await (const chunk of body ?? []) {
    const bytes = fault.kind === 'change_id' ? withOtherId(Buffer.from(chunk)) : Buffer.from(chunk)
    const shown = bytes.subarray(0, left)
    left -= shown.length
    if (fault.kind === 'duplicate') seen.push(shown)
    if (fault.kind === 'split') await writeSplit(socket, shown, fault.bytes)
    else writeChunk(socket, shown)
    if (left <= 0) break
  }
  for (const bytes of seen) writeChunk(socket, bytes)
  if (fault.kind === 'truncate' && fault.end === 'hang') return
  if (fault.kind === 'truncate' && fault.end === 'cut') return void socket.destroy()
  socket.write('0\r\n\r\n')
}

async function writeSplit(socket: Socket, bytes: Buffer, length: number): Promise<void> {
  for (let start = 0; start < bytes.length; start += length) {
    writeChunk(socket, bytes.subarray(start, start + length))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function writeChunk(socket: Socket, bytes: Buffer): void {
  if (bytes.length === 0) return
  socket.write(`${bytes.length.toString(16)}\r\n`)
  socket.write(bytes)
  socket.write('\r\n')
}

function withOtherId(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString().replace(/"id":\d+/, '"id":987654'))
}
