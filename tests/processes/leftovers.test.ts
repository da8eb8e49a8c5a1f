import { expect, test } from 'bun:test'
import { groupOf, type Running, startServer } from './harness.ts'

const ROUNDS = 200
const AT_ONCE = 4

const wrapper = `sleep 60 & (trap '' TERM; sleep 60) & echo pid $$ >&2; cat`

/** Four kinds of servers, and how each is brought to its end. */
const kinds: readonly [name: string, start: () => Promise<Running>, end: (server: Running) => Promise<unknown>][] = [
  ['ends with its stdin', () => startServer(), close],
  [
    'ignores the end of stdin and SIGTERM',
    () => startServer(['stay', 'ignore-term'], { stdinGraceMs: 10, termGraceMs: 10 }),
    close,
  ],
  [
    'is a shell with children in the background',
    () => startServer([], { command: 'sh', args: ['-c', wrapper], termGraceMs: 10 }),
    close,
  ],
  [
    'is killed and leaves a child behind',
    () => startServer([], { command: 'sh', args: ['-c', wrapper], termGraceMs: 10 }),
    async (server) => {
      process.kill(server.pid, 'SIGKILL')
      await server.peer.closed
      await close(server)
    },
  ],
]

test('nothing of a closed server is left, 200 times in a row', async () => {
  const left: string[] = []
  let next = 0
  const run = async (): Promise<void> => {
    for (let round = next++; round < ROUNDS; round = next++) {
      const kind = kinds[round % kinds.length]
      if (kind === undefined) throw new Error('there is no such kind')
      const [name, start, end] = kind
      const server = await start()
      await end(server)
      const pids = groupOf(server.pid)
      if (pids.length > 0) left.push(`round ${round}: a server that ${name} left ${pids.join(' ')}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  expect(left).toEqual([])
  expect(next).toBeGreaterThanOrEqual(ROUNDS)
}, 120_000)

async function close({ peer }: Running): Promise<void> {
  await peer[Symbol.asyncDispose]()
}
