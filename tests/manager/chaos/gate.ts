/** Holds up the start of servers that ask it first. */
export interface Gate extends AsyncDisposable {
  readonly port: number
  /** What a server of this name asks. */
  urlOf(name: string): string
  /** From now on, until it is opened, servers of this name wait. */
  close(name: string): void
  /** Resolves when one waits. */
  knocked(name: string): Promise<void>
  open(name: string): void
}

interface Closed {
  readonly opened: PromiseWithResolvers<void>
  readonly knocked: PromiseWithResolvers<void>
}

export function openGate(): Gate {
  const closed = new Map<string, Closed>()
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch({ url }) {
      const at = closed.get(new URL(url).pathname.slice(1))
      at?.knocked.resolve()
      await at?.opened.promise
      return new Response('pass')
    },
  })
  const { port } = server
  if (port === undefined) throw new Error('the gate does not listen on a port')
  return {
    port,
    urlOf: (name) => `http://127.0.0.1:${port}/${name}`,
    close: (name) => void closed.set(name, { opened: Promise.withResolvers(), knocked: Promise.withResolvers() }),
    knocked: (name) => closed.get(name)?.knocked.promise ?? Promise.reject(new Error(`the gate of ${name} is open`)),
    open(name) {
      closed.get(name)?.opened.resolve()
      closed.delete(name)
    },
    async [Symbol.asyncDispose]() {
      for (const { opened } of closed.values()) opened.resolve()
      await server.stop(true)
    },
  }
}
