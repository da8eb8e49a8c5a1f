/** One measurement of one HTTP server in a process of its own: the job is a JSON argument, the outcome a JSON line. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cores } from './cores.ts'
import { endSession, openRealSession, openSession, verifyCalls } from './http-conversation.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { streamRequest } from './http-wire.ts'
import { type Finding, report } from './job.ts'
import { makeLoad } from './load.ts'
import { openStreams } from './open-streams.ts'
import { RefusedError } from './pipe-driver.ts'
import { cpuSeconds, residentKib } from './proc.ts'
import { type Era, makeTexts } from './wire.ts'

interface Target {
  readonly command: readonly string[]
  readonly era: Era
  readonly cores: Cores
}

export interface HttpRate {
  readonly connections: number
  /** Calls before the measured ones at least, so that the code is as warm for all. */
  readonly warmup: number
  /** Measures only a server that keeps sessions. */
  readonly inSession: boolean
  /** Whole seconds that are measured. */
  readonly seconds: number
}

/** How many are opened and ended before the baseline is read, and how many are then opened to stay. */
export interface Held {
  readonly warmup: number
  readonly count: number
}

export type HttpJob = Target &
  (({ readonly kind: 'rate' } & HttpRate) | ({ readonly kind: 'sessions' | 'streams' } & Held))

const TEXTS = makeTexts(256, 64)
/** Sessions that are being opened at once. */
const OPENERS = 32

await report(async () => {
  const job: HttpJob = JSON.parse(process.argv[2] ?? '')
  await using server = await startHttpServer(job.command, job.cores.server)
  switch (job.kind) {
    case 'rate':
      return { finding: await measureRate(server, job, job) }
    case 'sessions':
      return { finding: await measureSessions(server, job) }
    case 'streams':
      return { finding: await measureStreams(server, job.era, job) }
  }
})

async function measureRate(
  server: HttpServer,
  { era, cores }: Target,
  { connections, warmup, inSession, seconds }: HttpRate,
): Promise<Finding> {
  const { headers, bodies, shortestAnswer, keepsSession } = await verifyCalls(server, era, TEXTS)
  if (inSession && !keepsSession) throw new RefusedError('keeps no sessions')
  const directory = await mkdtemp(join(tmpdir(), 'bench-http-'))
  try {
    const file = join(directory, 'bodies')
    await Bun.write(file, `${bodies.join('\n')}\n`)
    const load = { url: server.url, headers, bodies: file, connections }
    for (let calls = 0; calls < warmup; ) calls += (await makeLoad({ ...load, seconds: 1 }, cores.load)).requests
    const before = cpuSeconds(server.pid)
    const { requests, bytes, durationUs, p99Us } = await makeLoad({ ...load, seconds }, cores.load)
    const cpu = cpuSeconds(server.pid) - before
    // An answer that only says that something went wrong is shorter than one that repeats the text twice.
    if (bytes < requests * shortestAnswer) throw new Error(`${bytes} bytes are too few for ${requests} right answers`)
    return { cpuUs: (cpu * 1e6) / requests, perSecond: (requests * 1e6) / durationUs, p99Us, requests }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function measureSessions(server: HttpServer, { warmup, count }: Held): Promise<Finding> {
  const open = (): Promise<string> => openRealSession(server)
  await severally(await several(warmup, open), (session) => endSession(server, session))
  const before = await residentBytes(server)
  await several(count, open)
  return { bytesPerSession: ((await residentBytes(server)) - before) / count }
}

async function measureStreams(server: HttpServer, era: Era, { warmup, count }: Held): Promise<Finding> {
  const sessions = era === 'legacy' ? await several(count, () => openSession(server)) : []
  const requests = Array.from({ length: count }, (_, index) => streamRequest(era, sessions[index]))
  const first = await openStreams(server.port, requests.slice(0, warmup))
  first.close()
  const before = await residentBytes(server)
  const streams = await openStreams(server.port, requests)
  const after = await residentBytes(server)
  streams.mustBeOpen()
  return { bytesPerStream: (after - before) / count }
}

async function residentBytes(server: HttpServer): Promise<number> {
  await server.collect()
  return residentKib(server.pid).now * 1024
}

async function several<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  let left = count
  const maker = async (): Promise<void> => {
    while (left-- > 0) made.push(await make())
  }
  await Promise.all(Array.from({ length: OPENERS }, maker))
  return made
}

async function severally<T>(items: readonly T[], handle: (item: T) => Promise<void>): Promise<void> {
  let at = 0
  await several(items.length, async () => {
    const item = items[at++]
    if (item !== undefined) await handle(item)
  })
}
