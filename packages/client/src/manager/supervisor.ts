import { type Clock, ConnectionError, type CloseReason, type Stray } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import type { Connection } from './connection.ts'
import type { EventBody } from './events.ts'
import { startFailure, stderrTailOf, wordsOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import { type Pulse, startPulse } from './pulse.ts'
import type { Restarts } from './restarts.ts'
import type { Lease, Slot } from './slots.ts'
import { isConnected, isUnderWay, nextState, type ServerState, type Trigger } from './state.ts'

/** Keeps one server connected: starts it, notices its end, starts it again or gives it up, and ends it. */
export interface Supervisor {
  readonly state: ServerState
  /** Why it stands there. */
  readonly reason: string
  /** Number of the last start; 0 before the first. */
  readonly generation: number
  /** Point in time on the wall clock the connection stands since. */
  readonly connectedSince: number | undefined
  readonly client: Client | undefined
  readonly lastError: unknown
  /** Lines that were no messages, over all connections. */
  readonly noise: number
  /** Starts it, and resolves when that attempt is over, whichever way. Never rejects. */
  start(reason: string): Promise<void>
  /**
   * The connection: at once, or when a start or restart that is under way or begun by this has succeeded.
   * @throws {ManagerError} `unavailable`
   * @throws the signal's reason
   */
  connection(signal?: AbortSignal): Promise<Client>
  /** Ends the connection and comes to rest. Never rejects. */
  stop(how: 'rest' | 'park' | 'disable' | 'quarantine', reason: string): Promise<void>
  enable(reason: string): void
  /** Somebody has to log in first: nothing is tried until then. */
  refuse(error: unknown): void
  /** Something is wrong with the connection, or no longer is. */
  impair(cause: string, reason: string): void
  recover(cause: string): void
  /** Looks whether the connection still stands; one that is waiting to be tried is tried now. */
  verify(reason: string): Promise<void>
}

export interface SupervisorOptions {
  readonly name: string
  readonly slot: Slot
  readonly clock: Clock
  readonly wallClock: () => number
  readonly restarts: Restarts
  /** True where the first start has no second chance. */
  readonly isRequired: boolean
  readonly startWaitMs: number
  readonly health: { readonly intervalMs: number; readonly timeoutMs: number; readonly idleStopMs: number | undefined }
  open(signal: AbortSignal): Promise<Connection>
  /** Gets to know the server before the connection counts as open. @throws when the connection is lost by then */
  greet(client: Client): Promise<void>
  /** The connection is open: what stood before it is taken up again. */
  opened(client: Client): void
  /** The connection is over. */
  left(): void
  idleSince(): number | undefined
  emit(event: EventBody): void
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { name, slot, clock, restarts, emit } = options
  const impairments = new Set<string>()
  const waiters = new Set<() => void>()
  let state: ServerState = 'configured'
  let reason = 'added'
  let generation = 0
  let noise = 0
  let lastError: unknown
  let current: { lease: Lease; client: Client; pulse: Pulse; openedAt: number; since: number } | undefined
  let controller: AbortController | undefined
  let attempting: Promise<void> = Promise.resolve()
  let ending: Promise<void> | undefined
  let stopBackoff: (() => void) | undefined
  let hasOpened = false

  function change(trigger: Trigger, why: string): boolean {
    const to = nextState(state, trigger)
    if (to === undefined) return false
    const from = state
    state = to
    reason = why
    emit({ kind: 'state', server: name, from, to, reason: why, generation })
    for (const wake of [...waiters]) wake()
    return true
  }

  function begin(why: string): void {
    stopBackoff?.()
    generation++
    if (!change('start', why)) return
    controller = new AbortController()
    attempting = attempt(generation, controller.signal)
  }

  /** Never rejects. What comes of it when another start or a stop came first is dropped. */
  async function attempt(mine: number, signal: AbortSignal): Promise<void> {
    let lease: Lease | undefined
    try {
      lease = await slot.lease(options.open, signal)
      if (mine === generation) await options.greet(lease.connection.client)
    } catch (error) {
      await lease?.release()
      if (mine === generation) failed(error)
      return
    }
    if (mine === generation) adopt(lease)
    else await lease.release()
  }

  function adopt(lease: Lease): void {
    const { client, strayListeners, early } = lease.connection
    const { intervalMs, timeoutMs, idleStopMs } = options.health
    const isMine = (): boolean => current?.lease === lease
    let heard = 0
    const onStray = (stray: Stray): void => {
      if (stray.kind !== 'unreadable') return
      noise++
      if (heard++ === 0) {
        emit({ kind: 'noise', server: name, message: stray.message, excerpt: stray.excerpt ?? '' })
      }
    }
    const pulse = startPulse({
      clock,
      client,
      intervalMs,
      timeoutMs,
      idleStopMs,
      idleSince: options.idleSince,
      alive: () => recover('health'),
      missed: (error) => impair('health', `no sign of life: ${wordsOf(error)}`),
      dead(error) {
        if (!isMine()) return
        leave()
        failed(new ConnectionError('closed', `no sign of life: ${wordsOf(error)}`, { cause: error }))
        // it ends by itself, and nobody waits for that; it never rejects
        void lease.discard()
      },
      idle: () => void stop('park', `nobody used it for ${idleStopMs} ms (idleStopMs)`),
    })
    current = { lease, client, pulse, openedAt: clock.now(), since: options.wallClock() }
    hasOpened = true
    lastError = undefined
    strayListeners.add(onStray)
    early.forEach(onStray)
    client.closed.then((why) => {
      strayListeners.delete(onStray)
      if (isMine()) lost(why)
    })
    change('open', `connected to ${client.server?.name ?? 'a server without a name'}`)
    options.opened(client)
  }

  /** Takes the connection out of use. */
  function leave(): Lease | undefined {
    const last = current
    if (last === undefined) return undefined
    current = undefined
    last.pulse.stop()
    restarts.stood(clock.now() - last.openedAt)
    impairments.clear()
    options.left()
    return last.lease
  }

  function lost(why: CloseReason): void {
    // nothing of it is left to wait for; it never rejects
    void leave()?.release()
    failed(new ConnectionError('closed', `the connection ended: ${why.message}`, { reason: why }))
  }

  function failed(error: unknown): void {
    lastError = error
    const words = wordsOf(error)
    const worth = startFailure(error)
    generation++
    if (worth === 'auth') return void change('refuse', words)
    if (worth === 'final' || (options.isRequired && !hasOpened)) return void change('give_up', words)
    const pauseMs = restarts.next()
    if (pauseMs === undefined) {
      const budget = `${restarts.max} restarts within ${restarts.windowMs} ms are spent (restart.max)`
      return void change('give_up', `${words}; ${budget}`)
    }
    change('lose', `${words}; tried again in ${Math.round(pauseMs)} ms`)
    stopBackoff = clock.after(pauseMs, () => begin('tried again'))
  }

  function stop(how: 'rest' | 'park' | 'disable' | 'quarantine', why: string): Promise<void> {
    const before = ending ?? Promise.resolve()
    const mine = before.then(() => endAll(how, why))
    ending = mine.finally(() => {
      if (ending === mine) ending = undefined
    })
    return mine
  }

  async function endAll(how: 'rest' | 'park' | 'disable' | 'quarantine', why: string): Promise<void> {
    // who parks has seen it idle; a call may have come since
    if (how === 'park' && (current === undefined || options.idleSince() === undefined)) return
    generation++
    stopBackoff?.()
    change('stop', why)
    controller?.abort(new ManagerError('unavailable', `${name} was stopped: ${why}`, { server: name }))
    await Promise.all([attempting, leave()?.release()])
    change(how, why)
  }

  function impair(cause: string, why: string): void {
    if (current === undefined) return
    impairments.add(cause)
    change('impair', why)
  }

  function recover(cause: string): void {
    if (impairments.delete(cause) && impairments.size === 0) change('recover', 'it answers again')
  }

  function unavailable(): ManagerError {
    const advice = ADVICE[state] ?? ''
    const message = `${name} is ${state}: ${reason}${advice}`
    const stderrTail = stderrTailOf(lastError)
    return new ManagerError('unavailable', message, { server: name, state, stderrTail, cause: lastError })
  }

  /** Resolves with the next change. */
  function changeWithin(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => (): void => {
        waiters.delete(wake)
        stopTimer()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const wake = done(resolve)
      const onAbort = done(() => reject(signal?.reason))
      const stopTimer = clock.after(ms, done(resolve))
      waiters.add(wake)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  async function awaited(signal: AbortSignal | undefined): Promise<Client> {
    const until = clock.now() + options.startWaitMs
    for (;;) {
      signal?.throwIfAborted()
      if (current !== undefined && isConnected(state)) return current.client
      if (isStartable(state)) begin('a call needs it')
      else if (!isUnderWay(state)) throw unavailable()
      const leftMs = until - clock.now()
      if (leftMs <= 0) throw unavailable()
      await changeWithin(leftMs, signal)
    }
  }

  return {
    get state() {
      return state
    },
    get reason() {
      return reason
    },
    get generation() {
      return generation
    },
    get connectedSince() {
      return current?.since
    },
    get client() {
      return current?.client
    },
    get lastError() {
      return lastError
    },
    get noise() {
      return noise
    },
    async start(why) {
      await ending
      restarts.reset()
      if (state === 'starting') return attempting
      begin(why)
      await attempting
    },
    connection(signal) {
      if (current !== undefined && isConnected(state)) return Promise.resolve(current.client)
      return awaited(signal)
    },
    stop,
    enable: (why) => void change('enable', why),
    refuse(error) {
      if (current === undefined) return
      // it was read from this connection, which is of no use until somebody logs in; it never rejects
      void leave()?.release()
      failed(error)
    },
    impair,
    recover,
    async verify(why) {
      if (state === 'backing-off') begin(why)
      else await current?.pulse.verify()
    },
  }
}

function isStartable(state: ServerState): boolean {
  return state === 'configured' || state === 'manifest-known' || state === 'idle-stopped'
}

/** What to do about a server that is not tried any more. */
const ADVICE: Partial<Record<ServerState, string>> = {
  failed: '; calls are not sent until it is restarted, so do not try again',
  'needs-auth': '; somebody has to log in, then it can be restarted',
  disabled: '; it has to be enabled first',
  quarantined: '; it has to be released first',
}
