import type { Clock } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { DEFAULT_BREAKER_COOLDOWN_MS, DEFAULT_BREAKER_FAILURES } from './breaker.ts'
import { type Calls, createCalls } from './calls.ts'
import { type Connection, type OpenConnectionOptions, openConnection } from './connection.ts'
import type { EventBody } from './events.ts'
import { wordsOf } from './failures.ts'
import { createIdleStop } from './idle-stop.ts'
import { createOriginMap, type OriginMap } from './origins.ts'
import type { AcceptToolsOptions } from './pin-options.ts'
import type { ServerPinning } from './pinning.ts'
import { createQueue } from './queue.ts'
import { createRestarts, type Restarts } from './restarts.ts'
import {
  DEFAULT_HEALTH_INTERVAL_MS,
  DEFAULT_HEALTH_TIMEOUT_MS,
  DEFAULT_MAX_QUEUED,
  DEFAULT_QUEUE_TIMEOUT_MS,
  DEFAULT_START_WAIT_MS,
  type NormalServer,
  type ServerManifest,
} from './server-config.ts'
import type { ServerPool, Slot } from './slots.ts'
import { createStanding, type Standing } from './standing.ts'
import type { Supervisor } from './supervision.ts'
import { createSupervisor } from './supervisor.ts'
import type { See } from './tap.ts'
import { type Approve, createToolCaller, type ManagedCall } from './tool-call.ts'
import { createToolList, type ToolList, type Vet } from './tool-list.ts'

/** Everything that belongs to one name of a manager. */
export interface Entry {
  readonly name: string
  readonly server: NormalServer
  readonly isRequired: boolean
  readonly slot: Slot
  readonly supervisor: Supervisor
  readonly restarts: Restarts
  readonly calls: Calls
  readonly tools: ToolList
  readonly origins: OriginMap
  readonly standing: Standing
  readonly hasStarted: boolean
  readonly hasInvoked: boolean
  /** Which start of the whole manager its last one was: who started last is ended first. */
  readonly startOrder: number
  /** Settles when its first start has; resolves at once for one that is lazy. */
  first: Promise<void>
  readonly callTool: ManagedCall
  /** Undefined where nothing is pinned. */
  readonly pinning: ServerPinning | undefined
  /** Accepts tools as they are, and gives their names; a server that was quarantined for them is released. */
  acceptTools(options: AcceptToolsOptions): Promise<string[]>
  /** What to keep, so that its tools are known before it is started the next time; undefined while nothing is. */
  manifest(): ServerManifest | undefined
}

export interface EntryParts extends Pick<OpenConnectionOptions, 'clock' | 'random' | 'verdicts' | 'info'> {
  readonly name: string
  readonly server: NormalServer
  readonly isRequired: boolean
  readonly pool: ServerPool
  readonly isShared: boolean
  /** Its timers keep the process alive: for whoever waits. */
  readonly waitClock: Clock
  readonly wallClock: () => number
  readonly approve: Approve | undefined
  readonly vet: Vet | undefined
  readonly pinning: ServerPinning | undefined
  /** Whoever sees the messages, once it is known whether anybody does. */
  see(server: string): Promise<See | undefined>
  nextStart(): number
  emit(event: EventBody): void
}

export function createEntry(parts: EntryParts): Entry {
  const { name, server, clock, emit, pinning } = parts
  const { options } = server
  const slot = parts.pool.slot(parts.isShared ? server.key : undefined, () => queueFor(name, server, clock))
  const restarts = createRestarts(clock, parts.random, {
    // a process that keeps dying is given up; a URL nobody answers under may be answered under again
    ...(server.shown.type !== 'stdio' && server.shown.type !== 'transport' && { max: Number.POSITIVE_INFINITY }),
    ...options.restart,
  })
  const origins = createOriginMap()
  const idleStop = createIdleStop(options.idleStopMs)
  let openingAt: number | undefined
  let hasStarted = false
  let hasInvoked = false
  let startOrder = 0

  const tools = createToolList({
    server: name,
    clock,
    known: options.manifest?.tools,
    allow: options.allow,
    deny: options.deny,
    vet: parts.vet,
    pinning,
    timeoutMs: options.timeoutMs,
    emit,
    // it never rejects
    quarantine: (reason) => void supervisor.stop('quarantine', reason),
  })

  async function open(signal: AbortSignal): Promise<Connection> {
    const { random, verdicts, info } = parts
    startOrder = parts.nextStart()
    openingAt = clock.now()
    return openConnection(server, { clock, random, verdicts, info, see: await parts.see(name), signal })
  }

  const supervisor: Supervisor = createSupervisor({
    name,
    slot,
    clock,
    waitClock: parts.waitClock,
    wallClock: parts.wallClock,
    restarts,
    isRequired: parts.isRequired,
    isKnown: () => tools.tools !== undefined || tools.judging !== undefined,
    startWaitMs: options.startWaitMs ?? DEFAULT_START_WAIT_MS,
    health: {
      intervalMs: options.healthIntervalMs ?? DEFAULT_HEALTH_INTERVAL_MS,
      timeoutMs: options.healthTimeoutMs ?? DEFAULT_HEALTH_TIMEOUT_MS,
      idleStopMs: idleStop.afterMs,
    },
    open,
    greet: (client) => tools.follow(client),
    opened(client) {
      hasStarted = true
      // a connection that others opened cost this one nothing
      if (openingAt !== undefined) idleStop.started(clock.now() - openingAt)
      openingAt = undefined
      calls.breaker.renew()
      standing.opened(client)
      watchResources(client)
    },
    alive: () => calls.breaker.alive(),
    left() {
      tools.leave()
      origins.forget()
    },
    idleSince: () => calls.idleSince(),
    emit,
  })

  const calls = createCalls({
    server: name,
    clock,
    queue: slot.queue,
    breaker: {
      failures: options.breaker?.failures ?? DEFAULT_BREAKER_FAILURES,
      cooldownMs: options.breaker?.cooldownMs ?? DEFAULT_BREAKER_COOLDOWN_MS,
    },
    used: idleStop.used,
    supervisor,
  })
  const standing = createStanding(calls.hold, (error) =>
    emit({ kind: 'warning', server: name, message: `a subscription could not be taken up again: ${wordsOf(error)}` }),
  )
  const call = createToolCaller({ server: name, options, supervisor, calls, tools, approve: parts.approve, emit })

  function watchResources(client: Client): void {
    if (client.capabilities.resources?.listChanged !== true) return
    client
      .listen({ resources: true }, () => origins.forget())
      .catch((error: unknown) => {
        if (supervisor.client !== client) return
        emit({
          kind: 'warning',
          server: name,
          message: `it does not tell of changes of its resources: ${wordsOf(error)}`,
        })
      })
  }

  return {
    name,
    server,
    isRequired: parts.isRequired,
    slot,
    supervisor,
    restarts,
    calls,
    tools,
    origins,
    standing,
    get hasStarted() {
      return hasStarted
    },
    get hasInvoked() {
      return hasInvoked
    },
    get startOrder() {
      return startOrder
    },
    first: Promise.resolve(),
    callTool(tool, args, callOptions) {
      const result = call(tool, args, callOptions)
      hasInvoked = true
      return result
    },
    pinning,
    async acceptTools(options) {
      const names = (await pinning?.accept(options)) ?? []
      await tools.reconsider()
      const { state, reason } = supervisor
      const isReleased = state === 'quarantined' && reason === pinning?.quarantined && pinning.pending === undefined
      if (isReleased) supervisor.enable('its tools were accepted')
      return names
    },
    manifest() {
      if (tools.all === undefined) return undefined
      const { client } = supervisor
      const { version, capabilities, server: who, instructions } = client ?? {}
      const prior =
        version === undefined || capabilities === undefined
          ? options.manifest?.prior
          : { version, capabilities, server: who, instructions }
      return { tools: tools.all, ...(prior !== undefined && { prior }) }
    },
  }
}

function queueFor(name: string, { options, maxInFlight }: NormalServer, clock: Clock): ReturnType<typeof createQueue> {
  const { maxQueued = DEFAULT_MAX_QUEUED, queueTimeoutMs = DEFAULT_QUEUE_TIMEOUT_MS } = options
  return createQueue(name, { maxInFlight, maxQueued, queueTimeoutMs }, clock)
}
