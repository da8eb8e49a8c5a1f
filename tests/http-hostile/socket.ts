import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

/** One response as it was read from a socket. */
export interface RawResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A connection that sends whatever it is told to, in the eyes of nobody's HTTP library. */
export interface RawConnection extends Disposable {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** Everything that arrived and was not taken as part of a response yet, each character a byte. */
  readonly unread: string
  /** The next whole response; rejects when the connection ends before it does. */
  response(): Promise<RawResponse>
  /** The head of the next response, whose body is left unread. */
  head(): Promise<RawResponse>
  /** So many of the bytes that follow, as text. */
  take(length: number): Promise<string>
  /** Resolves when this has arrived. */
  arrives(text: string): Promise<void>
  /** Takes nothing from now on. */
  stall(): void
  /** Takes everything again. */
  resume(): void
  /** Ends the connection so that the other side is told at once and without courtesy. */
  vanish(): void
  readonly closed: Promise<void>
}

export async function connect(port: number): Promise<RawConnection> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.setNoDelay(true)
  let unread = ''
  let over = false
  const waiting = new Set<() => void>()
  const closed = Promise.withResolvers<void>()

  function look(): void {
    for (const again of [...waiting]) again()
  }

  socket.setEncoding('latin1').on('data', (text: string) => {
    unread += text
    look()
  })
  socket.on('error', () => {
    // a reset is one of the ways in which a server may get rid of a hostile client; `closed` tells
  })
  socket.on('close', () => {
    over = true
    closed.resolve()
    look()
  })
  // the end of what the other side sends is the end of all: nobody here waits for it to read on
  socket.on('end', () => socket.end())

  function when<T>(read: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const again = (): void => {
        const value = read()
        if (value === undefined && !over) return
        waiting.delete(again)
        if (value !== undefined) resolve(value)
        else reject(new Error(`the connection ended; unread: ${JSON.stringify(unread.slice(0, 500))}`))
      }
      waiting.add(again)
      again()
    })
  }

  return {
    socket,
    get unread() {
      return unread
    },
    write: (bytes) => void socket.write(bytes),
    response: () =>
      when(() => {
        const read = readResponse(unread, over)
        if (read !== undefined) unread = unread.slice(read.length)
        return read?.response
      }),
    head: () =>
      when(() => {
        const read = readHead(unread)
        if (read !== undefined) unread = unread.slice(read.length)
        return read?.response
      }),
    take: (length) =>
      when(() => {
        if (unread.length < length) return undefined
        const taken = unread.slice(0, length)
        unread = unread.slice(length)
        return utf8(taken)
      }),
    async arrives(text) {
      let from = 0
      await when(() => {
        if (unread.includes(text, from)) return true
        // of megabytes that come piece by piece, each is looked at once
        from = Math.max(0, unread.length - text.length)
        return undefined
      })
    },
    stall: () => void socket.pause(),
    resume: () => void socket.resume(),
    vanish: () => void socket.resetAndDestroy(),
    closed: closed.promise,
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

interface Read {
  response: RawResponse
  length: number
}

function readHead(text: string): Read | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN)
  const headers = new Map(lines.map((line) => pairOf(line)))
  return { response: { status, headers, body: '' }, length: end + 4 }
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}

function readResponse(text: string, over: boolean): Read | undefined {
  const head = readHead(text)
  if (head === undefined) return undefined
  const { status, headers } = head.response
  const rest = text.slice(head.length)
  const declared = headers.get('content-length')
  if (declared !== undefined) return whole(head, rest, Number(declared))
  if (headers.get('transfer-encoding') === 'chunked') return readChunked(head, rest)
  if (status === 204 || status === 202 || status === 304) return whole(head, rest, 0)
  return over ? whole(head, rest, rest.length) : undefined
}

function whole(head: Read, rest: string, length: number): Read | undefined {
  if (rest.length < length) return undefined
  return { response: { ...head.response, body: utf8(rest.slice(0, length)) }, length: head.length + length }
}

function readChunked(head: Read, rest: string): Read | undefined {
  let body = ''
  let at = 0
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    if (line < 0) return undefined
    const size = Number.parseInt(rest.slice(at, line), 16)
    const next = line + 2 + size + 2
    if (rest.length < next) return undefined
    if (size === 0) return { response: { ...head.response, body: utf8(body) }, length: head.length + next }
    body += rest.slice(line + 2, line + 2 + size)
    at = next
  }
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
