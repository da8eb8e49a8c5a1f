/**
 * Where a server of a manager stands.
 * - `configured`: known by name and nothing else
 * - `manifest-known`: not started, and its tools are known from before
 * - `starting`: being connected to
 * - `ready`: in use
 * - `degraded`: connected, and failing calls or signs of life
 * - `backing-off`: lost, and tried again after a pause
 * - `failed`: given up until somebody restarts it
 * - `needs-auth`: it wants somebody to log in first; not tried again by itself
 * - `disabled`: switched off by its owner
 * - `idle-stopped`: stopped because nobody used it; the next call starts it
 * - `stopping`: being ended
 * - `quarantined`: its tools are not to be trusted; nothing is called until it is released
 */
export type ServerState =
  | 'configured'
  | 'manifest-known'
  | 'starting'
  | 'ready'
  | 'degraded'
  | 'backing-off'
  | 'failed'
  | 'needs-auth'
  | 'disabled'
  | 'idle-stopped'
  | 'stopping'
  | 'quarantined'

/** What happens to a server. */
export type Trigger =
  | 'know' // its tools are known from a manifest
  | 'start'
  | 'open' // the connection stands
  | 'impair' // it fails calls or signs of life
  | 'recover'
  | 'lose' // the connection, or an attempt at one, ended and another attempt follows
  | 'give_up'
  | 'refuse' // it wants a login
  | 'stop' // its connection is being ended
  | 'rest' // nothing of it is left
  | 'park' // the same, because it was idle
  | 'disable'
  | 'quarantine'
  | 'enable'

const RESTING = ['configured', 'manifest-known', 'idle-stopped', 'failed', 'needs-auth'] as const
const CONNECTED = ['ready', 'degraded'] as const

/** For every trigger: the states it is possible in, and the one it leads to. */
export const TRANSITIONS: Readonly<Record<Trigger, readonly [from: readonly ServerState[], to: ServerState]>> = {
  know: [['configured'], 'manifest-known'],
  start: [[...RESTING, 'backing-off'], 'starting'],
  open: [['starting'], 'ready'],
  impair: [['ready'], 'degraded'],
  recover: [['degraded'], 'ready'],
  lose: [['starting', ...CONNECTED], 'backing-off'],
  give_up: [['starting', ...CONNECTED, 'backing-off'], 'failed'],
  refuse: [['starting', ...CONNECTED, 'backing-off'], 'needs-auth'],
  stop: [['starting', ...CONNECTED, 'backing-off'], 'stopping'],
  rest: [['stopping', 'idle-stopped', 'failed', 'needs-auth'], 'configured'],
  park: [['stopping'], 'idle-stopped'],
  disable: [[...RESTING, 'stopping', 'quarantined'], 'disabled'],
  quarantine: [[...RESTING, 'stopping'], 'quarantined'],
  enable: [['disabled', 'quarantined'], 'configured'],
}

/** Where a trigger leads; undefined where it means nothing. */
export function nextState(state: ServerState, trigger: Trigger): ServerState | undefined {
  const [from, to] = TRANSITIONS[trigger]
  return from.includes(state) ? to : undefined
}

/** Whether there is a connection to call through. */
export function isConnected(state: ServerState): boolean {
  return state === 'ready' || state === 'degraded'
}

/** Whether a call starts it. */
export function isStartable(state: ServerState): boolean {
  return state === 'configured' || state === 'manifest-known' || state === 'idle-stopped'
}

/** Whether something is on its way that ends in another state by itself. */
export function isUnderWay(state: ServerState): boolean {
  return state === 'starting' || state === 'backing-off' || state === 'stopping'
}
