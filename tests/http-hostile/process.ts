import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command, FixtureOptions, Stats } from './fixtures/server.ts'

/** A resource that changes. */
export const CHANGING = 'test://changing'

const FIXTURE = join(import.meta.dirname, 'fixtures/server.ts')

/** A server in a process of its own, on a port of the loopback interface, whose time moves only when it is told to. */
export interface Hostile extends AsyncDisposable {
  readonly port: number
  /** What no client may ever see. */
  readonly secret: string
  /** Everything its log has said. */
  readonly log: string
  /** What it knows of itself, after its garbage was collected. */
  stats(): Promise<Stats>
  /** Moves its time on. */
  advance(ms: number): Promise<void>
  /** Lets calls of `hold` finish. */
  release(): Promise<void>
  /** Changes the list of tools, and a resource as often. */
  change(times: number, uri?: string): Promise<void>
  /** Descriptors it has open. */
  descriptors(): number
  /** Resolves when its log has said this. */
  says(pattern: RegExp): Promise<void>
  /** Undefined while it lives. */
  readonly exitCode: number | null
}

export async function startHostile(options: FixtureOptions = {}): Promise<Hostile> {
  const child: ChildProcess = spawn(process.execPath, [FIXTURE, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('the process has no pipes')
  let log = ''
  const heard = new Set<() => void>()
  stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
    for (const listen of [...heard]) listen()
  })
  const exited = once(child, 'exit')
  const answers: PromiseWithResolvers<unknown>[] = []
  exited.then(() => {
    for (const { reject } of answers) reject(new Error(`the server is dead; its log: ${log.slice(-4000)}`))
  })
  const expectLine = (): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>()
    answers.push(answer)
    return answer.promise
  }
  createInterface({ input: stdout }).on('line', (line) => answers.shift()?.resolve(JSON.parse(line)))

  function order(command: Command): Promise<unknown> {
    const answer = expectLine()
    stdin?.write(`${JSON.stringify(command)}\n`)
    return answer
  }

  // proof of this cast and the next: what the fixture writes is what it says it writes
  const { port, secret } = (await expectLine()) as { port: number; secret: string }
  return {
    port,
    secret,
    get log() {
      return log
    },
    get exitCode() {
      return child.exitCode
    },
    stats: async () => (await order({ do: 'stats' })) as Stats,
    async advance(ms) {
      await order({ do: 'advance', ms })
    },
    async release() {
      await order({ do: 'release' })
    },
    async change(times, uri = CHANGING) {
      await order({ do: 'change', times, uri })
    },
    descriptors: () => readdirSync(`/proc/${child.pid}/fd`).length,
    says(pattern) {
      return new Promise((resolve) => {
        const listen = (): void => {
          if (!pattern.test(log)) return
          heard.delete(listen)
          resolve()
        }
        heard.add(listen)
        listen()
      })
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Looks again, each time after the server has said something of itself, until it is so; the test's own limit ends it otherwise. */
export async function until(server: Hostile, isSo: (stats: Stats) => unknown): Promise<Stats> {
  for (;;) {
    const stats = await server.stats()
    if (isSo(stats)) return stats
    await new Promise(setImmediate)
  }
}
