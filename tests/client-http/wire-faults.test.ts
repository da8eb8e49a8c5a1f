import { expect, test } from 'bun:test'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type Client, connect, http, sse } from '@bao-mcp/client'
import { start } from '../stdio-server/child.ts'

interface Message {
  id?: number
  method?: string
}

type Handler = (message: Message, response: ServerResponse, request: IncomingMessage) => void

interface Served extends AsyncDisposable {
  readonly url: string
  readonly heard: string[]
}

/** A server on a socket of its own: the lifecycle is answered, the rest is left to `handler`. */
async function serve(handler: Handler): Promise<Served> {
  const heard: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const message: Message = body === '' ? {} : JSON.parse(body)
    heard.push(message.method ?? request.method ?? '')
    switch (message.method) {
      case 'initialize': {
        const result = {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: 's', version: '1' },
        }
        response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's-1' })
        return response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
      }
      case 'notifications/initialized':
        return response.writeHead(202).end()
      default:
        return handler(message, response, request)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port')
  return {
    url: `http://127.0.0.1:${address.port}/mcp`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function events(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(text)
}

const answer = (id: number | undefined): string => JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })
const legacy = (url: string): Promise<Client> => connect(http(url), { pin: 'legacy' })

test('a socket that is cut in the middle of an event fails its call at once', async () => {
  await using server = await serve((message, response) => {
    if (message.method !== 'tools/call') return void response.writeHead(405).end()
    events(response, 'data: {"jsonrpc":"2.0",')
    // when what was written has left
    response.write('\n', () => response.destroy())
  })
  await using client = await legacy(server.url)
  await expect(client.callTool('any', {})).rejects.toMatchObject({ code: 'dropped', outcome: 'unknown' })
})

test('a socket that is cut behind an event with an id is gone on with on another one [MCP-075]', async () => {
  let call: Message = {}
  let cut: (() => void) | undefined
  await using server = await serve((message, response, request) => {
    if (message.method === 'tools/call') {
      call = message
      const params = { progressToken: message.id, progress: 1 }
      const notice = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })
      cut = () => response.destroy()
      events(response, `id: e-1\nretry: 100\ndata: ${notice}\n\n`)
    } else if (request.headers['last-event-id'] === 'e-1') {
      events(response, `id: e-2\ndata: ${answer(call.id)}\n\n`)
      response.end()
    } else {
      response.writeHead(405).end()
    }
  })
  await using client = await legacy(server.url)
  const { content } = await client.callTool('any', {}, { onProgress: () => cut?.() })
  expect(content).toEqual([])
  expect(server.heard.filter((method) => method === 'tools/call')).toHaveLength(1)
})

test('a process that only waits for the rest of a stream does not end in the middle of its call [MCP-078]', async () => {
  let call: Message = {}
  await using server = await serve((message, response, request) => {
    if (message.method === 'tools/call') {
      call = message
      events(response, 'id: e-1\nretry: 300\ndata:\n\n')
      response.end()
    } else if (request.headers['last-event-id'] === 'e-1') {
      events(response, `data: ${answer(call.id)}\n\n`)
      response.end()
    } else {
      response.writeHead(405).end()
    }
  })
  await using child = start([process.execPath, join(import.meta.dir, 'fixtures/one-call.ts'), server.url])
  await child.says(/answered with 0 blocks/)
})

test('a socket that is cut before any answer fails its call: nobody knows whether it ran', async () => {
  await using server = await serve((message, response) => {
    if (message.method === 'tools/call') response.socket?.destroy()
    else response.writeHead(405).end()
  })
  await using client = await legacy(server.url)
  await expect(client.callTool('any', {})).rejects.toMatchObject({ code: 'dropped', outcome: 'unknown' })
  expect(server.heard.filter((method) => method === 'tools/call')).toHaveLength(1)
})

test('a redirect is followed on the same origin, body and all, and to no other', async () => {
  await using elsewhere = await serve((_, response) => response.writeHead(500).end())
  await using server = await serve((message, response, request) => {
    if (message.method === 'tools/call' && request.url === '/moved') return void response.end(answer(message.id))
    if (message.method === 'tools/call') return void response.writeHead(308, { location: '/moved' }).end()
    if (message.method === 'prompts/get') return void response.writeHead(307, { location: elsewhere.url }).end()
    response.writeHead(405).end()
  })
  await using client = await legacy(server.url)
  expect((await client.callTool('any', {})).content).toEqual([])
  await expect(client.request('prompts/get')).rejects.toMatchObject({
    code: 'http_status',
    status: 307,
    outcome: 'not_run',
  })
  expect(elsewhere.heard).toEqual([])
})

test('the way of the oldest servers is left when the URL to post to is another origin', async () => {
  await using elsewhere = await serve((_, response) => response.writeHead(202).end())
  await using server = await serve((_, response) => events(response, `event: endpoint\ndata: ${elsewhere.url}\n\n`))
  await expect(connect(sse(server.url))).rejects.toThrow('another origin')
  expect(elsewhere.heard).toEqual([])
})

test('closing lets go of every socket, also of the stream that is only listened to', async () => {
  const gone = Promise.withResolvers<void>()
  await using server = await serve((_, response, request) => {
    if (request.method !== 'GET') return void response.writeHead(200).end()
    response.on('close', () => gone.resolve())
    events(response, ': welcome\n\n')
  })
  const client = await legacy(server.url)
  while (!server.heard.includes('GET')) await client.notify('notifications/progress', { progressToken: 0, progress: 0 })
  await client.close()
  await gone.promise
  expect(server.heard.at(-1)).toBe('DELETE')
})
