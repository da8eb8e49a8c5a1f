import type { HttpRequest } from './http-wire.ts'

/** Event streams that stay open. */
export interface OpenStreams {
  /** @throws {Error} naming the first stream the server has ended meanwhile */
  mustBeOpen(): void
  close(): void
}

const HEAD_WITHIN_MS = 10_000
const OPENED = /^HTTP\/1\.1 200 [\s\S]*content-type: text\/event-stream/i

/** Opens a stream for each request on a connection of its own, and waits for the head of every answer.
 *  @throws {Error} for an answer that is no event stream, and when one does not come */
export async function openStreams(port: number, requests: readonly HttpRequest[]): Promise<OpenStreams> {
  const sockets = new Set<{ end(): void }>()
  let ended = 0
  const close = (): void => {
    for (const socket of sockets) socket.end()
  }
  const openOne = async (request: HttpRequest): Promise<void> => {
    const opened = Promise.withResolvers<void>()
    let head = ''
    const socket = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        data(_, bytes) {
          if (head.endsWith('\r\n\r\n')) return
          head = (head + bytes.toString('latin1')).replace(/\r\n\r\n[\s\S]*$/, '\r\n\r\n')
          if (!head.endsWith('\r\n\r\n')) return
          if (OPENED.test(head)) opened.resolve()
          else opened.reject(new Error(`no event stream: ${head.slice(0, 200)}`))
        },
        close() {
          ended++
          opened.reject(new Error('the connection ended before any answer'))
        },
      },
    })
    sockets.add(socket)
    socket.write(textOf(request, port))
    await opened.promise
  }

  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`streams did not open in ${HEAD_WITHIN_MS} ms`)), HEAD_WITHIN_MS)
  try {
    for (const request of requests) await Promise.race([openOne(request), late.promise])
  } catch (error) {
    close()
    throw error
  } finally {
    clearTimeout(timer)
  }
  return {
    mustBeOpen() {
      if (ended > 0) throw new Error(`${ended} of ${requests.length} streams were ended by the server`)
    },
    close,
  }
}

/** A request as it stands on the wire. */
export function textOf({ method, headers, body = '' }: HttpRequest, port: number): string {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`)
  const length = method === 'POST' ? [`content-length: ${Buffer.byteLength(body)}`] : []
  return `${[`${method} /mcp HTTP/1.1`, ...lines, ...length].join('\r\n')}\r\n\r\n${body}`
}
