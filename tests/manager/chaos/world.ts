import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessionManager, createVerdicts, type ServerOptions, type SessionManager } from '@bao-mcp/client'
import { type Calls, createCalls } from './calls.ts'
import { type Gate, openGate } from './gate.ts'
import { carriersOf } from './leftovers.ts'
import type { Member } from './roster.ts'
import { startWebServer, type WebServer } from './web-server.ts'

/** How a server is treated by chaos: spared, or struck as a process or on the way to it. */
export type Role = 'healthy' | 'process' | 'way'

/** Twenty servers behind one manager, and all that is needed to strike them. */
export interface World extends AsyncDisposable {
  readonly manager: SessionManager
  readonly calls: Calls
  readonly gate: Gate
  readonly web: ReadonlyMap<string, WebServer>
  /** What runs writes its calls here. */
  readonly journal: string
  readonly ports: readonly number[]
  /** Processes of one server, or of all. */
  pidsOf(name?: string): number[]
  /** Lets the wall clock go on, as after a sleep of the machine. */
  jump(ms: number): void
}

export interface WorldOptions {
  readonly roles: ReadonlyMap<Member, Role>
  readonly seed: number
}

/** Nothing strikes these, so that nothing but their neighbours could fail a call of theirs. */
const HEALTHY: ServerOptions = {
  timeoutMs: 10_000,
  maxTotalTimeoutMs: 15_000,
  startWaitMs: 5_000,
  queueTimeoutMs: 5_000,
}
/** Short times, so that what is wrong is noticed soon. */
const SICK: ServerOptions = {
  ...{ timeoutMs: 800, maxTotalTimeoutMs: 2_000, startWaitMs: 3_000, queueTimeoutMs: 3_000 },
  ...{ healthIntervalMs: 0, healthTimeoutMs: 1_000 },
  restart: { max: 100, firstMs: 50, longestMs: 200 },
  breaker: { failures: 3, cooldownMs: 150 },
}
const LONGEST_WORK_MS = 30
let made = 0

/** Starts all of them. */
export async function openWorld({ roles, seed }: WorldOptions): Promise<World> {
  const mark = `chaos-${process.pid}-${++made}`
  const folder = mkdtempSync(join(tmpdir(), 'bao-chaos-'))
  const journal = join(folder, 'journal')
  writeFileSync(journal, '')
  const gate = openGate()
  const web = new Map<string, WebServer>()
  let sleptMs = 0
  const manager = createSessionManager({ verdicts: createVerdicts(), wallClock: () => Date.now() + sleptMs })
  const healthy = new Set([...roles].flatMap(([{ name }, role]) => (role === 'healthy' ? [name] : [])))
  const world: World = {
    manager,
    calls: createCalls({
      manager,
      seed,
      limitOf: (name) => longestCallMs(healthy.has(name) ? HEALTHY : SICK),
      // faults strike while calls are being worked on; what healthy servers take is measured
      workOf: (name) => (healthy.has(name) ? 0 : LONGEST_WORK_MS),
    }),
    gate,
    web,
    journal,
    get ports() {
      return [gate.port, ...[...web.values()].flatMap(({ ports }) => ports)]
    },
    pidsOf: (name) =>
      name === undefined ? carriersOf('BAO_CHAOS', mark) : carriersOf('BAO_CHAOS_NAME', `${mark}/${name}`),
    jump(ms) {
      sleptMs += ms
    },
    async [Symbol.asyncDispose]() {
      await manager.close()
      await Promise.all([...web.values()].map((server) => server[Symbol.asyncDispose]()))
      await gate[Symbol.asyncDispose]()
      // what should be gone by now was told of; it is not left to the machine as well
      for (const pid of world.pidsOf()) process.kill(pid, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }

  async function begin(member: Member, role: Role): Promise<void> {
    const { name, way } = member
    const env = {
      ...{ BAO_CHAOS: mark, BAO_CHAOS_NAME: `${mark}/${name}` },
      ...{ BAO_CHAOS_JOURNAL: journal, BAO_CHAOS_GATE: gate.urlOf(name) },
    }
    if (way !== 'stdio') web.set(name, await startWebServer(member, { env, isProxied: role === 'way' }))
    await add(world, member, role === 'healthy', env)
  }

  const begun = await Promise.allSettled([...roles].map(([member, role]) => begin(member, role)))
  const failed = begun.find(({ status }) => status === 'rejected')
  if (failed?.status !== 'rejected') return world
  await world[Symbol.asyncDispose]()
  throw failed.reason
}

async function add(
  { manager, web }: World,
  member: Member,
  isHealthy: boolean,
  env: Record<string, string>,
): Promise<void> {
  const { name, script, way, pin } = member
  const options: ServerOptions = { ...(isHealthy ? HEALTHY : SICK), ...(pin !== undefined && { pin }) }
  const url = web.get(name)?.url
  const { state, reason } =
    way === 'stdio' || url === undefined
      ? await manager.add(name, {
          ...options,
          ...{ command: process.execPath, args: [script, 'stdio'], env },
          ...{ stdinGraceMs: 200, termGraceMs: 200 },
        })
      : await manager.add(name, { ...options, type: way, url })
  if (state !== 'ready') throw new Error(`${name} did not start, it is ${state}: ${reason}`)
}

/** A call waits for a start and for its turn, is made within its total time, and all of this at most twice. */
function longestCallMs({ startWaitMs = 0, queueTimeoutMs = 0, maxTotalTimeoutMs = 0 }: ServerOptions): number {
  const slackMs = 2_000
  return startWaitMs + 2 * (queueTimeoutMs + startWaitMs + maxTotalTimeoutMs) + slackMs
}
