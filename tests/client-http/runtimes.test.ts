import { describe, expect, test } from 'bun:test'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { freePort } from '../interop/http/serve.ts'
import { hasNode22, node22 } from '../interop/launches.ts'

const FIXTURE = join(import.meta.dir, 'fixtures/failures.mjs')
const runtimes = [['bun', process.execPath], ...(hasNode22 ? [['node 22', node22] as const] : [])] as const

function answerTo(body: string): string {
  const { id } = JSON.parse(body)
  return JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } })
}

const whole = (status: string, type: string, body: string): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** What is done to a request, by its path. */
function treat(socket: Socket, path: string, body: string): void {
  const answer = answerTo(body)
  switch (path) {
    case '/answer':
      return void socket.write(whole('200 OK', 'application/json', answer))
    case '/stream':
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
      return void socket.write(`${(answer.length + 8).toString(16)}\r\ndata: ${answer}\n\n\r\n`)
    case '/reset':
      return void socket.resetAndDestroy()
    case '/close':
      return void socket.end()
    case '/cut':
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
      return void socket.write('8\r\ndata: {"', () => socket.destroy())
    case '/short':
      // fewer bytes than it says
      return void socket.end(whole('200 OK', 'application/json', answer).slice(0, -5))
    case '/garbage':
      return void socket.end('this is no HTTP\r\n\r\n')
    case '/later':
      return void socket.write(whole('503 Busy', 'text/html', '<p>later</p>'))
    case '/gone':
      return void socket.write(whole('410 Gone', 'text/html', '<p>gone</p>'))
    case '/refuse':
      return void socket.end(
        whole('429 Too Many', 'text/html', '<p>slowly</p>').replace('\r\n', '\r\nconnection: close\r\n'),
      )
    case '/hold':
      return void socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
      )
    default:
    // nobody answers
  }
}

describe.each(runtimes)('under %s', (_, command) => {
  test('every failure of the way to a server is told from the others, and a pause holds the process', async () => {
    const sockets = new Set<Socket>()
    let refused = 0
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      let held = ''
      socket.on('data', (chunk) => {
        held += chunk.toString()
        const end = held.indexOf('\r\n\r\n')
        const length = Number(/content-length: *(\d+)/i.exec(held)?.[1] ?? 0)
        if (end < 0 || held.length < end + 4 + length) return
        const path = held.split(' ')[1] ?? ''
        const body = held.slice(end + 4)
        held = ''
        if (path === '/refuse') refused++
        treat(socket, path, body)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a port')
    const child = Bun.spawn([command, FIXTURE, `http://127.0.0.1:${address.port}`, String(freePort())], {
      stdout: 'pipe',
      stderr: 'pipe',
    })
    const [said, complained, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    for (const socket of sockets) socket.destroy()
    server.close()
    expect({ complained, code }).toEqual({ complained: '', code: 0 })
    const failed = { kind: 'ConnectionError' }
    expect(JSON.parse(said)).toMatchObject([
      { name: 'dead port', ...failed, code: 'unreachable', ran: 'not_run' },
      { name: 'dead name with addresses', ...failed, code: 'unreachable', ran: 'not_run' },
      { name: 'dead name', ...failed, code: 'unreachable', ran: 'not_run' },
      { name: 'answer', value: [] },
      { name: 'stream', value: [] },
      { name: 'reset', ...failed, code: 'dropped', ran: 'unknown' },
      { name: 'close', ...failed, code: 'dropped', ran: 'unknown' },
      { name: 'cut', ...failed, code: 'dropped', ran: 'unknown' },
      { name: 'short', ...failed, code: 'dropped', ran: 'unknown' },
      { name: 'garbage', ...failed, code: 'dropped', ran: 'unknown' },
      { name: 'later', ...failed, code: 'http_status', ran: 'unknown', status: 503 },
      { name: 'gone', ...failed, code: 'http_status', ran: 'not_run', status: 410 },
      { name: 'given up', kind: 'TimeoutError' },
      { name: 'timeout', ...failed, code: 'timeout' },
      { name: 'held open', kind: 'TimeoutError' },
      { name: 'tried again', ...failed, code: 'http_status', status: 429, ran: 'not_run' },
    ])
    expect(refused).toBe(3)
  }, 20_000)
})
