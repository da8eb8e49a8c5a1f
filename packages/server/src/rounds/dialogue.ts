import {
  INVALID_PARAMS,
  type InputRequest,
  type InputRequests,
  type JsonObject,
  type Outcome,
  type Round,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { digestOf } from '../digest.ts'
import { emptyMemory, type MemoryKeeper, type RoundMemory } from './memory.ts'

/** Rejects an `ask` that has no answer yet. Private, so that a handler cannot mean it. */
class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

/** One run of a handler that asks: what it knows from earlier rounds, and what it asks in this one. */
export interface Dialogue {
  readonly memory: RoundMemory
  /** The answer of an earlier round, or a rejection that ends this run. The question is on record before this returns. */
  ask(key: string, request: InputRequest): Promise<JsonObject>
  once<T>(key: string, compute: () => T | Promise<T>): Promise<T>
  /** The outcome of a run with unanswered questions on record, whatever the handler made of them; undefined without any. */
  unanswered(): Promise<Outcome> | undefined
  /** The outcome of a run that asks by hand. */
  askByHand(requests: InputRequests, own: string | undefined): Promise<Outcome>
}

export function createDialogue(memory: RoundMemory, keeper: MemoryKeeper, onAsk: () => void): Dialogue {
  const asked = new Map<string, InputRequest>()
  const computing = new Map<string, Promise<unknown>>()

  function record(key: string, request: InputRequest): never {
    asked.set(key, request)
    onAsk()
    throw new Unanswered(`the answer to ${JSON.stringify(key)} is not there yet; the handler runs again when it is`)
  }

  async function answer(key: string, request: InputRequest): Promise<JsonObject> {
    const known = Object.hasOwn(memory.answers, key) ? memory.answers[key] : undefined
    if (known === undefined) return record(key, request)
    // the same key with another question is another question
    return known.digest === (await digestOf(request)) ? known.result : record(key, request)
  }

  async function end(requests: InputRequests, own: string | undefined): Promise<Outcome> {
    const keys = Object.entries(requests)
    const digests = await Promise.all(keys.map(async ([key, request]) => [key, await digestOf(request)] as const))
    const state = await keeper.save({ ...memory, asked: Object.fromEntries(digests), own })
    return { kind: 'input_required', requests, state }
  }

  async function compute<T>(key: string, fn: () => T | Promise<T>): Promise<T> {
    const value = await fn()
    memory.once[key] = value
    return value
  }

  return {
    memory,
    ask: (key, request) => {
      const asking = answer(key, request)
      // a question nobody awaits still ends the run, so its rejection is not an accident
      asking.catch(() => undefined)
      return asking
    },
    async once<T>(key: string, fn: () => T | Promise<T>): Promise<T> {
      // proof of the casts: what is kept under a key is what this key's function gave
      if (Object.hasOwn(memory.once, key)) return memory.once[key] as T
      const running = computing.get(key) as Promise<T> | undefined
      if (running !== undefined) return running
      const started = compute(key, fn)
      computing.set(key, started)
      return started.finally(() => computing.delete(key))
    },
    unanswered: () => (asked.size === 0 ? undefined : end(Object.fromEntries(asked), memory.own)),
    askByHand: (requests, own) => end({ ...Object.fromEntries(asked), ...requests }, own),
  }
}

/**
 * The memory a request comes back with: what was kept, and the answers to what was asked. Keys that were never asked are
 * ignored; a key without an answer stays open and is asked again.
 * @throws {RpcError} -32602 when the state is not ours, or an answer has not the shape of one
 */
export async function recall(round: Round, keeper: MemoryKeeper, once: boolean): Promise<RoundMemory> {
  // without a state nothing was ever asked, so there is nothing the responses could answer
  if (round.state === undefined) return emptyMemory()
  const memory = await keeper.load(round.state, once)
  const answers = { ...memory.answers }
  for (const [key, digest] of Object.entries(memory.asked)) {
    const result = Object.hasOwn(round.responses, key) ? round.responses[key] : undefined
    if (result !== undefined) answers[key] = { digest, result: checked(key, result) }
  }
  return { ...memory, answers, once: { ...memory.once }, asked: {} }
}

const ACTIONS: readonly unknown[] = ['accept', 'decline', 'cancel']

/** An answer is one of three kinds of results; which one is told by its members. */
function checked(key: string, result: JsonObject): JsonObject {
  const isElicitation = ACTIONS.includes(result.action)
  const isSampling = typeof result.role === 'string' && result.content !== undefined
  if (isElicitation || isSampling || Array.isArray(result.roots)) return result
  throw new RpcError(INVALID_PARAMS, `inputResponses.${key} is no result of elicitation, sampling or roots`)
}
