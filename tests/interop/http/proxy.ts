import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'

const PIECE_BYTES = 7

export interface Proxy extends AsyncDisposable {
  readonly url: URL
  /** Pieces passed on so far, in both directions. */
  readonly pieces: number
  /** Cuts every connection that is open. */
  cut(): void
}

/** A proxy that understands nothing and passes bodies on in chunks of seven bytes, so that no event arrives whole. */
export async function splitHttp(target: URL): Promise<Proxy> {
  let pieces = 0

  async function forward(
    from: IncomingMessage,
    to: { write(piece: Uint8Array): unknown; end(): unknown },
  ): Promise<void> {
    for await (const chunk of from) {
      for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
        to.write(chunk.subarray(start, start + PIECE_BYTES))
        pieces++
        // each piece leaves in a write of its own
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    to.end()
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { 'content-length': _, ...headers } = incoming.headers
    const upstream = request(target, { method: incoming.method, headers, agent: false })
    upstream.on('response', (response) => {
      const { 'content-length': _length, connection: _connection, ...rest } = response.headers
      outgoing.writeHead(response.statusCode ?? 502, rest)
      outgoing.flushHeaders()
      forward(response, outgoing).catch(() => outgoing.destroy())
    })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => upstream.destroy())
    if (incoming.method === 'POST') forward(incoming, upstream).catch(() => upstream.destroy())
    else upstream.end()
  }

  const server = createServer(pass).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen on a port')
  return {
    url: new URL(target.pathname, `http://127.0.0.1:${address.port}`),
    get pieces() {
      return pieces
    },
    cut: () => server.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
