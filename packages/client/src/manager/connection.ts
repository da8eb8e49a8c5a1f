import type { Clock, Stray } from '@bao-mcp/protocol/engine'
import type { Client } from '../client.ts'
import { type ConnectOptions, connect } from '../connect.ts'
import type { Verdicts } from '../eras/verdicts.ts'
import { guarded } from '../listeners.ts'
import type { NormalServer } from './server-config.ts'
import { type See, tapped } from './tap.ts'

/** An open connection, and who is told of what arrives on it and fits nothing. */
export interface Connection {
  readonly client: Client
  readonly strayListeners: Set<(stray: Stray) => void>
  /** What arrived before anybody listened. */
  readonly early: readonly Stray[]
}

export interface OpenConnectionOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly verdicts: Verdicts | undefined
  readonly info: ConnectOptions['info'] | undefined
  /** Sees every message; undefined for nobody. */
  readonly see: See | undefined
  readonly signal: AbortSignal
}

/** Strays that are kept until somebody listens. */
const MAX_EARLY = 16

/** Connects as a configuration wants it. @throws what {@link connect} throws */
export async function openConnection(
  { transport, options }: NormalServer,
  { clock, random, verdicts, info, see, signal }: OpenConnectionOptions,
): Promise<Connection> {
  const strayListeners = new Set<(stray: Stray) => void>()
  const early: Stray[] = []
  const { timeoutMs, maxTotalTimeoutMs, connectTimeoutMs, probeTimeoutMs, pin, roots } = options
  const on = roots === undefined ? options.on : { ...options.on, roots }
  const prior = options.manifest?.prior
  const client = await connect(see === undefined ? transport : tapped(transport, see), {
    clock,
    random,
    signal,
    ...(verdicts !== undefined && { verdicts }),
    ...(info !== undefined && { info }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxTotalTimeoutMs !== undefined && { maxTotalTimeoutMs }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(probeTimeoutMs !== undefined && { probeTimeoutMs }),
    ...(pin !== undefined && { pin }),
    ...(on !== undefined && { on }),
    ...(prior !== undefined && { prior }),
    onStray: guarded((stray: Stray) => {
      if (strayListeners.size === 0 && early.length < MAX_EARLY) early.push(stray)
      for (const listener of strayListeners) listener(stray)
    }),
  })
  return { client, strayListeners, early }
}
