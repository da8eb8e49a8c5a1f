import {
  type Clock,
  type Complete,
  type Extended,
  type InputRequests,
  type InputResponses,
  type MaybePromise,
  type Outcome,
  type Round,
  RpcError,
  SERVER_BUSY,
  settleInput,
} from '@bao-mcp/protocol/engine'
import type { HandOver } from '../context.ts'
import type { ServedRequest } from '../dispatch.ts'
import type { Limiter } from '../limiter.ts'
import { callTool } from '../registry/call-tool.ts'
import { localKeeper } from '../rounds/memory.ts'
import type { TaskExchange } from './task-exchange.ts'

/** Milliseconds until what could not be done now is tried again. */
export const RETRY_MS = 1000

export interface TaskRun {
  /** The call that became a task. */
  readonly request: ServedRequest
  readonly exchange: TaskExchange
  readonly left: HandOver
  /** Gets the answers to all questions of one round, by keys that no other question of the task has. */
  ask(requests: InputRequests): Promise<InputResponses>
}

/**
 * Runs a call as a task, to its end and through as many rounds as it asks. It takes a place among the running calls while
 * its handler runs, and none while it waits.
 * @throws what the call would have answered as an error; whatever else, once its exchange was aborted
 */
export function runTask({ request, exchange, left, ask }: TaskRun): MaybePromise<Complete | Extended> {
  const { serving } = request
  const { clock } = serving
  const keeper = localKeeper(left.memory)
  const used = new Set<string>()
  const quiet = { ...request.facts, progressToken: undefined, logLevel: undefined }
  let wasStarted = false
  const limiter: Limiter = {
    run<T>(_exchange: unknown, call: () => MaybePromise<T>) {
      return serving.limiter.run(exchange, () => {
        wasStarted = true
        return call()
      })
    },
  }
  const inTask = { ...request, facts: quiet, exchange, serving: { ...serving, limiter }, keeperFor: () => keeper }

  /** Nobody could tell the client to try again, so a task waits for its place however long that takes. */
  async function whenThereIsRoom(round: Round): Promise<Outcome | Extended> {
    for (;;) {
      wasStarted = false
      try {
        return await callTool(serving.server.tools, { ...inTask, round })
      } catch (thrown) {
        if (wasStarted || !(thrown instanceof RpcError && thrown.code === SERVER_BUSY)) throw thrown
      }
      await pause(clock, RETRY_MS, exchange)
    }
  }

  async function fulfil(asked: InputRequests): Promise<InputResponses> {
    const names = Object.keys(asked).map((key) => [nameOf(key, used), key] as const)
    // nothing is asked by who only wants to be run again later
    if (names.length === 0) {
      await pause(clock, RETRY_MS, exchange)
      return {}
    }
    const requests = names.flatMap(([name, key]) => {
      const question = asked[key]
      return question === undefined ? [] : [[name, question] as const]
    })
    const responses = await ask(Object.fromEntries(requests))
    const answers = names.flatMap(([name, key]) => {
      const answer = Object.hasOwn(responses, name) ? responses[name] : undefined
      return answer === undefined ? [] : [[key, answer] as const]
    })
    return Object.fromEntries(answers)
  }

  return settleInput<Complete | Extended>({
    run: (round = left.round) => whenThereIsRoom(round),
    fulfil,
    maxRounds: serving.maxRounds,
  })
}

/** Resolves after some time. @throws the reason of the exchange when it is aborted before */
export function pause(clock: Clock, ms: number, { signal }: TaskExchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      stop()
      reject(signal.reason)
    }
    const stop = clock.after(ms, () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    })
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
  })
}

/** "Keys are unique over the lifetime of a task", so a question that comes again has another name. */
function nameOf(key: string, used: Set<string>): string {
  let name = key
  for (let nth = 2; used.has(name); nth++) name = `${key}-${nth}`
  used.add(name)
  return name
}
