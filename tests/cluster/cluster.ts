import { fileURLToPath } from 'node:url'
import { type RedisServer, startRedis } from '../hub/redis-server.ts'

const nodeScript = fileURLToPath(new URL('./fixtures/node.ts', import.meta.url))

/** One process that serves. */
export interface Node {
  readonly name: string
  readonly port: number
  readonly stderr: () => string
  kill(): Promise<void>
}

/** Two processes over one Redis, behind a proxy that takes turns; dies with its block. */
export interface Cluster extends AsyncDisposable {
  readonly url: string
  readonly redis: RedisServer
  readonly nodes: readonly [Node, Node]
  /** The next request goes to this one; the one after it to the other, and so on. */
  next(node: 0 | 1): void
}

export async function startCluster(): Promise<Cluster> {
  const redis = await startRedis()
  const nodes = await Promise.all([startNode('a', redis.url), startNode('b', redis.url)] as const)
  let turn = 0
  const proxy = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    development: false,
    error: () => new Response(null, { status: 502 }),
    async fetch(request) {
      const [first, second] = turn++ % 2 === 0 ? nodes : [nodes[1], nodes[0]]
      try {
        return await forward(request, first.port)
      } catch (error) {
        // a dead node takes no connection, so nothing of the request was done
        if (request.signal.aborted) throw error
        return forward(request, second.port)
      }
    },
  })
  return {
    url: `http://127.0.0.1:${proxy.port}/mcp`,
    redis,
    nodes,
    next(node) {
      turn = node
    },
    async [Symbol.asyncDispose]() {
      await proxy.stop(true)
      for (const node of nodes) await node.kill()
      await redis[Symbol.asyncDispose]()
    },
  }
}

async function forward(request: Request, port: number): Promise<Response> {
  const body = request.method === 'POST' ? await request.clone().text() : undefined
  const headers = new Headers(request.headers)
  headers.delete('connection')
  return fetch(`http://127.0.0.1:${port}${new URL(request.url).pathname}`, {
    method: request.method,
    headers,
    signal: request.signal,
    ...(body !== undefined && { body }),
  })
}

async function startNode(name: string, redisUrl: string): Promise<Node> {
  const child = Bun.spawn([process.execPath, nodeScript], {
    env: { ...process.env, NODE_NAME: name, REDIS_URL: redisUrl },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let stderr = ''
  void (async () => {
    for await (const chunk of child.stderr) stderr += new TextDecoder().decode(chunk)
  })()
  const reader = child.stdout.getReader()
  const { value } = await reader.read()
  const port = Number(new TextDecoder().decode(value))
  if (!Number.isInteger(port) || port === 0) throw new Error(`node ${name} did not start: ${stderr}`)
  return {
    name,
    port,
    stderr: () => stderr,
    async kill() {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
