import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerRequest } from '../port.ts'
import { writeStderr } from './stderr.ts'

export interface NodeHandlerOptions {
  /** Told what `answer` threw and what failed on the way; the client gets a bare 500. Default: a line on stderr. */
  onError?: (error: unknown) => void
  /** Milliseconds a client that reads nothing is given before its connection is ended. Default 30 s. */
  stalledReaderMs?: number
}

const DEFAULT_STALLED_READER_MS = 30_000
/** Milliseconds without a limit. */
const FOR_EVER = 0

/**
 * Answers the requests of `node:http` (and of Express, Fastify's raw requests, Connect) with a handler of web requests, such
 * as `httpHandler(server)`. Give it requests whose body nobody has read.
 *
 * A client that goes away aborts `request.signal` and cancels the response's body. An event stream is passed on piece by
 * piece and no faster than the client reads; any other response as a whole, with its length. A stream that fails ends the
 * connection; one that fails with an `AbortError` has given its reader up, which is not reported.
 */
export function nodeHandler(
  answer: AnswerRequest,
  { onError = report, stalledReaderMs = DEFAULT_STALLED_READER_MS }: NodeHandlerOptions = {},
): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  async function exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController()
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new DOMException('the client is gone', 'AbortError'))
    })
    // what fails on a socket ends the response, and its close tells
    outgoing.on('error', ignore)
    // only set while something waits for the client to read
    outgoing.on('timeout', () => outgoing.destroy())
    const request = toRequest(incoming, gone.signal)
    if (request === undefined) return refuse(outgoing, 400)
    await send(await answer(request), { outgoing, stalledReaderMs, headOnly: incoming.method === 'HEAD' })
  }

  return (incoming, outgoing) => {
    exchange(incoming, outgoing).catch((error: unknown) => {
      onError(error)
      refuse(outgoing, 500)
    })
  }
}

/** Undefined when no web request can be made of it: a host that is none, a method that is not allowed. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  if (hasBody && incoming.readableEnded) {
    throw new TypeError('the body was read before nodeHandler could: mount it before any body parser')
  }
  const { socket } = incoming
  const scheme = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http'
  try {
    const headers = new Headers()
    for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
      const name = rawHeaders[at] ?? ''
      // HTTP/2 puts the request line there
      if (!name.startsWith(':')) headers.append(name, rawHeaders[at + 1] ?? '')
    }
    const target = url.startsWith('/') ? `${scheme}://${headers.get('host') ?? 'localhost'}${url}` : url
    return new Request(target, {
      method,
      headers,
      signal,
      ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }),
    })
  } catch {
    // the one who sent it is told so; nothing here has failed
    return undefined
  }
}

/** Reads from the socket only what is asked for. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  // a handler that wants no more may still answer, so the socket stays
  const chunks = incoming.iterator({ destroyOnReturn: false })
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

interface Way {
  readonly outgoing: ServerResponse
  readonly stalledReaderMs: number
  readonly headOnly: boolean
}

async function send(response: Response, way: Way): Promise<void> {
  const { outgoing, headOnly } = way
  if (outgoing.destroyed) {
    await response.body?.cancel()
    return
  }
  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value)
  }
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)

  const { body } = response
  if (body === null) outgoing.end()
  else if (headOnly) {
    await body.cancel()
    outgoing.end()
  } else if (response.headers.get('content-type')?.startsWith('text/event-stream')) await stream(body, way)
  else finish(way, new Uint8Array(await response.arrayBuffer()))
}

async function stream(body: ReadableStream<Uint8Array>, way: Way): Promise<void> {
  const { outgoing, stalledReaderMs } = way
  const reader = body.getReader()
  let goOn = ignore

  // a body may fail while nothing of it is asked for, because the client does not read
  reader.closed.catch(() => outgoing.destroy())
  // cancelling ends the read that waits below
  outgoing.once('close', () => {
    goOn()
    reader.cancel().catch(ignore)
  })
  outgoing.on('drain', () => goOn())
  outgoing.flushHeaders()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (outgoing.destroyed) return
      if (done) return finish(way)
      if (outgoing.write(value)) continue
      outgoing.setTimeout(stalledReaderMs)
      await new Promise<void>((resolve) => (goOn = resolve))
      outgoing.setTimeout(FOR_EVER)
    }
  } catch (error) {
    // whoever gave the reader up has said so
    if (!(error instanceof Error && error.name === 'AbortError')) throw error
    outgoing.destroy()
  }
}

/** Ends a response, and its connection when the client does not read it. */
function finish({ outgoing, stalledReaderMs }: Way, rest?: Uint8Array): void {
  // before Node bounds the silence between two requests, which is another limit
  outgoing.prependOnceListener('finish', () => outgoing.setTimeout(FOR_EVER))
  outgoing.end(rest)
  outgoing.setTimeout(stalledReaderMs)
}

/** A response that has begun cannot be taken back; cutting it off tells the client that it is not whole. */
function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) outgoing.destroy()
  else outgoing.writeHead(status, { connection: 'close' }).end()
}

function report(error: unknown): void {
  writeStderr(`[bao] error: a request could not be answered: ${error instanceof Error ? error.stack : String(error)}\n`)
}

function ignore(): void {
  // the close of the response tells
}
