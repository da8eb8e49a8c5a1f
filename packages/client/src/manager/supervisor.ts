import { type CloseReason, ConnectionError } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { createBell } from './bell.ts'
import { startFailure, wordsOf } from './failures.ts'
import { ManagerError } from './manager-error.ts'
import { countNoise } from './noise.ts'
import { notAvailable } from './not-available.ts'
import { type Pulse, startPulse } from './pulse.ts'
import type { Lease } from './slots.ts'
import { isConnected, isStartable, isUnderWay, nextState, type ServerState, type Trigger } from './state.ts'
import type { Rest, Supervisor, SupervisorOptions } from './supervision.ts'
import { untilAborted } from './until-aborted.ts'

/** Keeps one server connected, by the table of its states. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { name, slot, clock, restarts, emit } = options
  const impairments = new Set<string>()
  const bell = createBell(options.waitClock)
  let state: ServerState = 'configured'
  let reason = 'added'
  let generation = 0
  let noise = 0
  let lastError: unknown
  let current: { lease: Lease; client: Client; pulse: Pulse; openedAt: number; since: number } | undefined
  let controller: AbortController | undefined
  let attempting: Promise<void> = Promise.resolve()
  /** What is left of the last connection; the next one waits until that is nothing. */
  let closing: Promise<void> = Promise.resolve()
  let ending: Promise<void> | undefined
  /** Another one with every start and stop: what belongs to an older one is dropped. */
  let epoch = 0
  /** Stops after which nothing is to begin by itself. */
  let rests = 0
  let stopBackoff: (() => void) | undefined
  let hasOpened = false
  let isOver = false

  function change(trigger: Trigger, why: string): boolean {
    const to = nextState(state, trigger)
    if (to === undefined) return false
    const from = state
    state = to
    reason = why
    emit({ kind: 'state', server: name, from, to, reason: why, generation })
    bell.ring()
    return true
  }

  function begin(why: string): void {
    if (isOver || nextState(state, 'start') === undefined) return
    stopBackoff?.()
    generation++
    change('start', why)
    controller = new AbortController()
    attempting = attempt(++epoch, controller.signal)
  }

  /** Never rejects. What comes of it when another start or a stop came first is dropped. */
  async function attempt(mine: number, signal: AbortSignal): Promise<void> {
    let lease: Lease | undefined
    try {
      await closing
      lease = await slot.lease(options.open, signal)
      if (mine === epoch) await untilAborted(options.greet(lease.connection.client), signal)
    } catch (error) {
      await lease?.release()
      if (mine === epoch) failed(error, false)
      return
    }
    if (mine === epoch) adopt(lease)
    else await lease.release()
  }

  function adopt(lease: Lease): void {
    const { client } = lease.connection
    const { intervalMs, timeoutMs, idleStopMs } = options.health
    const isMine = (): boolean => current?.lease === lease
    const stopCounting = countNoise(lease.connection, {
      counted: () => void noise++,
      first: ({ message, excerpt = '' }) => emit({ kind: 'noise', server: name, message, excerpt }),
    })
    const pulse = startPulse({
      clock,
      client,
      intervalMs,
      timeoutMs,
      idleStopMs,
      idleSince: options.idleSince,
      alive() {
        recover('health')
        options.alive()
      },
      missed: (error) => impair('health', `no sign of life: ${wordsOf(error)}`),
      dead(error) {
        if (!isMine()) return
        const discarded = lease.discard()
        leave()
        closing = discarded
        failed(new ConnectionError('closed', `no sign of life: ${wordsOf(error)}`, { cause: error }))
      },
      idle: (afterMs) => void stop('park', `nobody used it for ${afterMs} ms (idleStopMs)`),
    })
    current = { lease, client, pulse, openedAt: clock.now(), since: options.wallClock() }
    hasOpened = true
    lastError = undefined
    // it never rejects
    void client.closed.then((why) => {
      stopCounting()
      if (isMine()) lost(why)
    })
    change('open', `connected to ${client.server?.name ?? 'a server without a name'}`)
    options.opened(client)
  }

  /** Takes the connection out of use and gives it back. */
  function leave(): void {
    const last = current
    if (last === undefined) return
    current = undefined
    last.pulse.stop()
    restarts.stood(clock.now() - last.openedAt)
    impairments.clear()
    options.left()
    closing = last.lease.release()
  }

  function lost(why: CloseReason): void {
    leave()
    failed(new ConnectionError('closed', `the connection ended: ${why.message}`, { reason: why }))
  }

  function failed(error: unknown, hasStood = true): void {
    lastError = error
    const words = wordsOf(error)
    const worth = startFailure(error)
    if (worth === 'auth') return void change('refuse', words)
    // what ends a connection that stood, such as a session that was forgotten, says nothing about the next attempt
    if ((worth === 'final' && !hasStood) || (options.isRequired && !hasOpened)) return void change('give_up', words)
    const pauseMs = restarts.next()
    if (pauseMs === undefined) {
      const budget = `${restarts.max} restarts within ${restarts.windowMs} ms are spent (restart.max)`
      return void change('give_up', `${words}; ${budget}`)
    }
    change('lose', `${words}; tried again in ${Math.round(pauseMs)} ms`)
    stopBackoff = clock.after(pauseMs, () => begin('tried again'))
  }

  function stop(how: Rest, why: string): Promise<void> {
    // the first stop begins at once: nothing may slip in before it
    const mine = ending === undefined ? endAll(how, why) : ending.then(() => endAll(how, why))
    const done = mine.finally(() => {
      if (ending === done) ending = undefined
    })
    ending = done
    return done
  }

  async function endAll(how: Rest, why: string): Promise<void> {
    // who parks has seen it idle; a call may have come since
    if (how === 'park' && (current === undefined || options.idleSince() === undefined)) return
    if (how !== 'park') rests++
    if (how === 'retire') isOver = true
    epoch++
    stopBackoff?.()
    change('stop', why)
    controller?.abort(new ManagerError('unavailable', `${name} was stopped: ${why}`, { server: name }))
    leave()
    await Promise.all([attempting, closing])
    change(how === 'retire' ? 'rest' : how, why)
    if (options.isKnown()) change('know', 'its tools are known from before')
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
    return notAvailable({ name, state, reason, lastError, isOver })
  }

  async function awaited(signal: AbortSignal | undefined): Promise<Client> {
    const until = clock.now() + options.startWaitMs
    const before = rests
    for (;;) {
      signal?.throwIfAborted()
      if (rests !== before || isOver) throw unavailable()
      if (current !== undefined && isConnected(state)) return current.client
      if (isStartable(state)) begin('a call needs it')
      else if (!isUnderWay(state)) throw unavailable()
      const leftMs = until - clock.now()
      if (leftMs <= 0) throw unavailable()
      await bell.next(leftMs, signal)
    }
  }

  if (options.isKnown()) change('know', 'its tools are known from a manifest')

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
    enable(why) {
      if (change('enable', why) && options.isKnown()) change('know', 'its tools are known from before')
    },
    refuse(error) {
      if (current === undefined) return
      leave()
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
