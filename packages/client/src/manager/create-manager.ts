import { type Clock, systemClock } from '@bao-mcp/protocol/engine'
import { heldTimer } from '../transports/timer.ts'
import { createBell } from './bell.ts'
import { closeAll } from './close-all.ts'
import { closestFirst, listNames } from './closest.ts'
import { createDriftWatch } from './drift.ts'
import { createEntry, type Entry } from './entry.ts'
import { createEventLog, type EventBody } from './events.ts'
import { findOrigin } from './find-origin.ts'
import { createHandle, type ServerHandle } from './handle.ts'
import { infoOf, type ServerInfo, snapshotOf } from './info.ts'
import { listAllTools, listTools } from './list-tools.ts'
import type { AddOptions, SessionManager } from './manager.ts'
import { ManagerError } from './manager-error.ts'
import {
  DEFAULT_CLOSE_TIMEOUT_MS,
  DEFAULT_MAX_EVENTS,
  DEFAULT_READY_TIMEOUT_MS,
  type SessionManagerOptions,
} from './options.ts'
import { memoryPins } from './pin-store.ts'
import { createPinning } from './pinning.ts'
import { awaitReady, requiredFailed } from './readiness.ts'
import { normalise, type ServerConfig } from './server-config.ts'
import { createServerPool } from './slots.ts'
import { isConnected, isStartable } from './state.ts'
import { createWatching } from './watching.ts'

/** Whoever waits for something keeps the process alive; what happens by itself does not. */
const heldClock: Clock = { now: systemClock.now, after: heldTimer.after }

/** A manager without servers. Nothing of it runs until one is added. */
export function createSessionManager(options: SessionManagerOptions = {}): SessionManager {
  const { clock = systemClock, wallClock = Date.now, random = Math.random } = options
  const entries = new Map<string, { entry: Entry; handle: ServerHandle }>()
  const log = createEventLog({ limit: options.maxEvents ?? DEFAULT_MAX_EVENTS, wallClock })
  const waitClock = options.clock ?? heldClock
  const bell = createBell(waitClock)
  const pool = options.pool ?? createServerPool()
  const pins = options.pins ?? memoryPins()
  const see = createWatching(options.tap)
  const drift = createDriftWatch({ clock, wallClock, woke })
  let starts = 0
  let wasReady = false
  let closing: Promise<void> | undefined
  let stopSignals: (() => void) | undefined

  function emit(event: EventBody): void {
    log.append(event)
    bell.ring()
  }

  function woke(sleptMs: number): void {
    emit({ kind: 'woke', sleptMs })
    // it never rejects
    for (const { supervisor } of all()) void supervisor.verify('the machine slept')
  }

  function* all(): Iterable<Entry> {
    for (const { entry } of entries.values()) yield entry
  }

  function find(name: string): { entry: Entry; handle: ServerHandle } {
    const found = entries.get(name)
    if (found !== undefined) return found
    const known = closestFirst(name, entries.keys())
    const message = `there is no server ${JSON.stringify(name)}; there is: ${listNames(known)}`
    throw new ManagerError('unknown_server', message, { server: name, known })
  }

  function checkOpen(): void {
    if (closing !== undefined) throw new ManagerError('closed', 'this session manager is closed')
  }

  async function ownProcess(): Promise<void> {
    if (options.ownsProcess !== true || stopSignals !== undefined) return
    stopSignals = () => undefined
    const { onEndSignals } = await import('#runtime/end-signals')
    if (closing === undefined) stopSignals = onEndSignals(close)
  }

  function add(
    name: string,
    config: ServerConfig,
    { required = false, ...more }: AddOptions = {},
  ): Promise<ServerInfo> {
    checkOpen()
    if (entries.has(name)) {
      throw new ManagerError('name_taken', `there is a server ${JSON.stringify(name)} already: remove it first`, {
        server: name,
      })
    }
    const server = normalise(name, config, more, { clock, random })
    const { info, approve, vet, verdicts } = options
    const setting = server.options.pinning ?? options.pinning ?? 'off'
    const pinning = createPinning({ server: name, config, setting, store: pins, emit })
    emit({ kind: 'added', server: name, transport: server.shown.transport })
    const entry = createEntry({
      ...{ name, server, isRequired: required, pool, isShared: options.pool !== undefined },
      ...{ clock, waitClock, wallClock, random, info, approve, vet, pinning, verdicts, see, emit },
      nextStart: () => ++starts,
    })
    entries.set(name, { entry, handle: createHandle(entry) })
    drift.start()
    if (server.options.lazy === true) entry.first = entry.tools.judging ?? entry.first
    else entry.first = ownProcess().then(() => entry.supervisor.start('added'))
    return outcome(entry)
  }

  async function outcome(entry: Entry): Promise<ServerInfo> {
    await entry.first
    if (entry.isRequired && entry.supervisor.generation > 0 && !isConnected(entry.supervisor.state)) {
      const error = requiredFailed(entry)
      if (!wasReady) await disconnectAll(`the required server ${entry.name} failed`)
      throw error
    }
    return infoOf(entry)
  }

  /** What failed keeps its state: it says why. */
  async function disconnectAll(reason: string, how: 'rest' | 'retire' = 'rest'): Promise<void> {
    const last = [...all()].sort((a, b) => b.startOrder - a.startOrder)
    const ends = last
      .filter(({ supervisor: { state } }) => how === 'retire' || state !== 'failed')
      .map(
        ({ supervisor }) =>
          () =>
            supervisor.stop(how, reason),
      )
    await closeAll(ends, { clock: waitClock, totalMs: options.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS })
  }

  function close(): Promise<void> {
    closing ??= closeOnce()
    return closing
  }

  async function closeOnce(): Promise<void> {
    drift.stop()
    await disconnectAll('the session manager is closed', 'retire')
    stopSignals?.()
    for (const { slot } of all()) slot.leave()
    log.close()
  }

  return {
    add(name, config, addOptions) {
      try {
        const added = add(name, config, addOptions)
        // a server that did not start is told of by events and by ready() as well, so nobody has to wait for this
        added.catch(() => undefined)
        return added
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async remove(name) {
      const { entry } = find(name)
      await entry.supervisor.stop('retire', 'it was removed')
      if (entries.get(name)?.entry !== entry) return
      entries.delete(name)
      entry.slot.leave()
      if (entries.size === 0) drift.stop()
      emit({ kind: 'removed', server: name })
    },
    get: (name) => find(name).handle,
    async callTool(server, tool, args, callOptions) {
      checkOpen()
      return find(server).entry.callTool(tool, args, callOptions)
    },
    listServers: () => [...all()].map(infoOf),
    async listTools(server, listOptions) {
      if (server === undefined) return listAllTools(all())
      return (await listTools(find(server).entry, listOptions)).map((tool) => ({ server, tool }))
    },
    serverInfo: (name) => infoOf(find(name).entry),
    async readResource(uri, { server, ...readOptions } = {}) {
      checkOpen()
      if (server !== undefined) return find(server).handle.readResource(uri, readOptions)
      return find(await findOrigin(uri, all(), readOptions.signal)).handle.readResource(uri, readOptions)
    },
    async restart(name) {
      checkOpen()
      const { entry } = find(name)
      await entry.supervisor.stop('rest', 'restarted')
      await entry.supervisor.start('restarted')
      return infoOf(entry)
    },
    disable: async (name, reason = 'disabled by its owner') => find(name).entry.supervisor.stop('disable', reason),
    enable: (name) => find(name).entry.supervisor.enable('enabled by its owner'),
    quarantine: async (name, reason) => find(name).entry.supervisor.stop('quarantine', reason),
    toolChanges: (name) => find(name).entry.pinning?.pending,
    acceptTools: async (name, acceptOptions = {}) => find(name).entry.acceptTools(acceptOptions),
    snapshot: () => ({ sequence: log.sequence, at: wallClock(), servers: [...all()].map(snapshotOf) }),
    events: (since = log.sequence) => log.after(since),
    async ready({ timeoutMs = DEFAULT_READY_TIMEOUT_MS, require = [], signal } = {}) {
      checkOpen()
      const named = require === 'all' ? [...all()] : require.map((name) => find(name).entry)
      const required = new Set([...named, ...[...all()].filter(({ isRequired }) => isRequired)])
      // it never rejects
      for (const { supervisor } of required) if (isStartable(supervisor.state)) void supervisor.start('required')
      try {
        const report = await awaitReady({
          clock: waitClock,
          timeoutMs,
          signal,
          required: [...required],
          bell,
          entries: all,
        })
        wasReady = true
        return report
      } catch (error) {
        if (!wasReady && error instanceof ManagerError && error.code === 'required_failed') {
          await disconnectAll(error.message)
        }
        throw error
      }
    },
    disconnectAll: () => disconnectAll('disconnected'),
    close,
    [Symbol.asyncDispose]: close,
  }
}
