import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where the server is, if this machine has one. */
const binary = Bun.which('redis-server')

export const hasRedis: boolean = binary !== null
/** Ends the name of whatever is skipped for want of it. */
export const unlessMissing: string = hasRedis ? '' : ' (skipped: redis-server is not installed)'

/** A real server on a port of its own; dies with its block. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  /** A plain client of it, for what a hub does not do. Not to be kept over a kill. */
  admin<T>(use: (client: Bun.RedisClient) => Promise<T>): Promise<T>
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with its data if it is durable. */
  start(): Promise<void>
  /** Lets it hang: connections stay and nothing is answered. */
  freeze(): void
  thaw(): void
}

/** @param durable true keeps what was written over a kill */
export async function startRedis({ durable = false }: { durable?: boolean } = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bao-redis-'))
  const port = freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: Bun.Subprocess | undefined

  async function admin<T>(use: (client: Bun.RedisClient) => Promise<T>): Promise<T> {
    const client = new Bun.RedisClient(url, { autoReconnect: false })
    try {
      await client.connect()
      return await use(client)
    } finally {
      client.close()
    }
  }

  async function start(): Promise<void> {
    const kept = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...kept]
    const server = Bun.spawn([binary ?? 'redis-server', ...options], { stdout: 'ignore', stderr: 'ignore' })
    child = server
    for (;;) {
      // it answers an error while it still loads its data
      const answer = await admin((client) => client.send('PING', [])).catch(() => undefined)
      if (answer === 'PONG') return
      if (server.exitCode !== null) throw new Error(`redis-server ended with exit code ${server.exitCode}`)
      await Bun.sleep(2)
    }
  }

  async function kill(): Promise<void> {
    child?.kill('SIGKILL')
    await child?.exited
  }

  // a test that runs out of time leaves its block undone
  const killNow = (): void => void child?.kill('SIGKILL')
  process.once('exit', killNow)
  await start()
  return {
    url,
    admin,
    kill,
    start,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      process.off('exit', killNow)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  const { port } = listener
  listener.stop(true)
  return port
}
