import { type Cores, pinned } from './cores.ts'
import type { Headers } from './http-wire.ts'
import { lastWords } from './last-words.ts'

export interface Load {
  readonly url: string
  readonly headers: Headers
  /** A file with one body per line; they are sent in turn. */
  readonly bodies: string
  readonly connections: number
  /** Whole seconds. */
  readonly seconds: number
}

export interface LoadFinding {
  readonly requests: number
  /** Of all answers, their heads included. */
  readonly bytes: number
  readonly durationUs: number
  readonly p99Us: number
}

/** What is said when there is nothing to make load with. */
export const NO_WRK = 'wrk is not installed: install the Debian package wrk to measure it'

export function hasWrk(): boolean {
  return Bun.which('wrk') !== null
}

/** Sends requests as fast as they are answered, on one thread.
 *  @throws {Error} when a single one was not answered with a status below 400 */
export async function makeLoad(load: Load, core?: Cores['load']): Promise<LoadFinding> {
  const headers = Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const extent = ['-t', '1', '-c', String(load.connections), '-d', `${load.seconds}s`]
  const script = ['-s', `${import.meta.dir}/load.lua`]
  const command = ['wrk', ...extent, ...headers, ...script, load.url, '--', load.bodies]
  const wrk = Bun.spawn(pinned(command, core), { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([new Response(wrk.stdout).text(), new Response(wrk.stderr).text()])
  const code = await wrk.exited
  if (code !== 0) throw new Error(`wrk ended with code ${code}: ${lastWords(stderr)}`)
  return loadIn(stdout)
}

/** Reads what the script of the load has printed.
 *  @throws {Error} when it has printed nothing, and when not every request was answered well */
export function loadIn(stdout: string): LoadFinding {
  const line = stdout.split('\n').findLast((text) => text.startsWith('load '))
  if (line === undefined) throw new Error(`wrk printed no summary: ${lastWords(stdout)}`)
  const { failed, ...found }: LoadFinding & { failed: number } = JSON.parse(line.slice('load '.length))
  if (failed > 0) throw new Error(`${failed} of ${found.requests} requests failed`)
  if (found.requests === 0) throw new Error('no request was answered')
  return found
}
