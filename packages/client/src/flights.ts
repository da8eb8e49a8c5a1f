import type { JsonObject } from '@bao-mcp/protocol/engine'
import type { SessionCallOptions } from './session.ts'

export interface ReadOptions extends SessionCallOptions {
  /** Asks the server, whatever is kept. */
  fresh?: boolean | undefined
  onProgress?: unknown
}

/** A read under way. */
export interface Flight {
  readonly method: string
  /** Which page or which resource. */
  readonly key: string
  /** True once its result may be from before a change. */
  readonly spoiled: boolean
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal
}

export interface Take {
  readonly method: string
  readonly key: string
  readonly options: ReadOptions | undefined
  /** Nobody else may join it. */
  readonly isAlone?: boolean
  start(flight: Flight): Promise<JsonObject>
}

/** Reads under way, so that identical ones become one. */
export interface Flights {
  /** Joins a read that is the same, or starts one. */
  take(take: Take): Promise<JsonObject>
  /** Marks those of a method, or all, as possibly out of date; nobody joins them any more. */
  spoil(method?: string, key?: string): void
  /** Nobody joins those under way any more. */
  seal(): void
}

interface Shared {
  readonly flight: { -readonly [K in keyof Flight]: Flight[K] }
  readonly controller: AbortController
  answer: Promise<JsonObject>
  waiting: number
  /** Whether it was ever waited for by two. */
  isShared: boolean
}

export function createFlights(): Flights {
  const under = new Set<Shared>()
  const open = new Map<string, Shared>()

  function start({ method, key, start: begin }: Take): Shared {
    const controller = new AbortController()
    const flight = { method, key, spoiled: false, signal: controller.signal }
    const answer = begin(flight).finally(() => {
      under.delete(shared)
      leaveOpen(shared)
    })
    const shared: Shared = { flight, controller, answer, waiting: 0, isShared: false }
    under.add(shared)
    // whoever waits for it is told
    answer.catch(() => undefined)
    return shared
  }

  function leaveOpen(shared: Shared): void {
    const name = nameOf(shared.flight)
    if (open.get(name) === shared) open.delete(name)
  }

  async function wait(shared: Shared, signal: AbortSignal | undefined): Promise<JsonObject> {
    shared.waiting++
    if (shared.waiting > 1) shared.isShared = true
    const result = await (signal === undefined ? shared.answer : untilAborted(shared, signal))
    return shared.isShared ? structuredClone(result) : result
  }

  /** Whoever leaves early takes the request along only when nobody else waits for it. */
  function untilAborted(shared: Shared, signal: AbortSignal): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        shared.waiting--
        if (shared.waiting === 0) {
          leaveOpen(shared)
          shared.controller.abort(signal.reason)
        }
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      const settled = (): void => signal.removeEventListener('abort', leave)
      shared.answer.finally(settled).then(resolve, reject)
    })
  }

  return {
    take(take) {
      const { signal, timeoutMs, maxTotalTimeoutMs, fresh, onProgress } = take.options ?? {}
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      // a wait of its own length is a request of its own
      const isOwn = [timeoutMs, maxTotalTimeoutMs, onProgress].some((one) => one !== undefined) || fresh === true
      const isAlone = isOwn || take.isAlone === true
      const name = nameOf(take)
      const known = isAlone ? undefined : open.get(name)
      if (known !== undefined) return wait(known, signal)
      const shared = start(take)
      if (!isAlone) open.set(name, shared)
      return wait(shared, signal)
    },
    spoil(method, key) {
      for (const shared of under) {
        const { flight } = shared
        if (method !== undefined && flight.method !== method) continue
        if (key !== undefined && flight.key !== key) continue
        flight.spoiled = true
        leaveOpen(shared)
      }
    },
    seal: () => open.clear(),
  }
}

function nameOf({ method, key }: { method: string; key: string }): string {
  return `${method} ${key}`
}
