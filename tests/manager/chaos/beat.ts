import type { Call, Calls } from './calls.ts'

/** Calls of every server at a steady pace, whether or not those before were answered. */
export interface Beat extends Disposable {
  /** Stops calling, and resolves with everything that was called once all of it has settled. */
  stop(): Promise<readonly Call[]>
}

/** Milliseconds between two calls of the same server. */
const PACE_MS = 25
/** Calls of one server that may be under way before the next one is left out. */
const MAX_OPEN = 32

/** Begins at once. Every fourth call is one that must not be made twice. */
export function startBeat(calls: Calls, servers: readonly string[]): Beat {
  return beating(calls, servers, Number.POSITIVE_INFINITY)
}

/** Calls every server so many times. */
export async function beatFor(calls: Calls, servers: readonly string[], times: number): Promise<readonly Call[]> {
  const beat = beating(calls, servers, times)
  await beat.over
  return beat.stop()
}

function beating(calls: Calls, servers: readonly string[], times: number): Beat & { readonly over: Promise<void> } {
  const open = new Map<string, Set<Promise<Call>>>(servers.map((server) => [server, new Set()]))
  const made: Promise<Call>[] = []
  const over = Promise.withResolvers<void>()
  let turn = 0

  function beat(): void {
    if (++turn > times) return over.resolve()
    for (const [server, pending] of open) {
      if (pending.size >= MAX_OPEN) continue
      const call = calls.make(server, turn % 4 === 0 ? 'add' : 'read')
      pending.add(call)
      made.push(call)
      // it never rejects
      void call.then(() => pending.delete(call))
    }
  }

  const ticking = setInterval(beat, PACE_MS)
  return {
    over: over.promise,
    stop() {
      clearInterval(ticking)
      return Promise.all(made)
    },
    [Symbol.dispose]: () => clearInterval(ticking),
  }
}
