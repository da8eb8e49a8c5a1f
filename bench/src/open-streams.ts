import type { HttpRequest } from './http-wire.ts'

/** Event streams that stay open. */
export interface OpenStreams {
  /** Resolves when one of them is over. */
  readonly anyEnded: Promise<void>
  /** @throws {Error} when the server has ended any meanwhile */
  mustBeOpen(): void
  close(): void
}

const END_OF_HEAD = '\r\n\r\n'
const OPENED = /^HTTP\/1\.1 200 [\s\S]*\r\ncontent-type: text\/event-stream/i

/** Opens a stream for each request, on a connection of its own, and waits for the heads of all answers.
 *  @throws {Error} for an answer that is no event stream, and when one does not come in time */
export async function openStreams(
  port: number,
  requests: readonly HttpRequest[],
  timeoutMs = 10_000,
): Promise<OpenStreams> {
  const sockets: { end(): void }[] = []
  const opened: Promise<void>[] = []
  const anyEnded = Promise.withResolvers<void>()
  let ended = 0
  const close = (): void => {
    for (const socket of sockets) socket.end()
  }
  const onEnd = (): void => {
    ended++
    anyEnded.resolve()
  }
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not all streams opened within ${timeoutMs} ms`)), timeoutMs)
  try {
    for (const request of requests) {
      const { promise, data, gone } = readHead(onEnd)
      opened.push(promise)
      const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data, close: gone } })
      sockets.push(socket)
      socket.write(textOf(request, port))
    }
    await Promise.race([Promise.all(opened), late])
  } catch (error) {
    close()
    throw error
  } finally {
    clearTimeout(timer)
  }
  return {
    anyEnded: anyEnded.promise,
    mustBeOpen() {
      if (ended > 0) throw new Error(`${ended} of ${requests.length} streams were ended by the server`)
    },
    close,
  }
}

/** A request as it stands on the wire. */
export function textOf({ method, headers, body = '' }: HttpRequest, port: number): string {
  const length = { ...(method === 'POST' && { 'content-length': String(Buffer.byteLength(body)) }) }
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, ...length })
  const head = [`${method} /mcp HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return `${head}${END_OF_HEAD}${body}`
}

interface HeadReader {
  /** Settles with the head of the answer. */
  readonly promise: Promise<void>
  data(socket: unknown, bytes: Buffer): void
  gone(): void
}

function readHead(onEnd: () => void): HeadReader {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // whoever opens the streams may have given up on another one already
  promise.catch(() => undefined)
  let head: string | undefined = ''
  return {
    promise,
    data(_socket, bytes) {
      if (head === undefined) return
      head += bytes.toString('latin1')
      if (!head.includes(END_OF_HEAD)) return
      if (OPENED.test(head)) resolve()
      else reject(new Error(`the answer is no event stream: ${head.slice(0, 200)}`))
      head = undefined
    },
    gone() {
      onEnd()
      reject(new Error('the connection ended before an answer'))
    },
  }
}
