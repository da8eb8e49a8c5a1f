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
import { isAnswerTo } from './answer.ts'
import { emptyMemory, type MemoryKeeper, type RoundMemory } from './memory.ts'

/** Rejects an `ask` that has no answer yet. Private, so that a handler cannot mean it. */
class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

/** One run of a handler that asks: what it knows from earlier rounds, and what it asks in this one. */
export interface Dialogue {
  /** The answer of an earlier round, or a rejection that ends this run. */
  ask(key: string, request: InputRequest): Promise<JsonObject>
  once<T>(key: string, compute: () => T | Promise<T>): Promise<T>
  /**
   * The outcome of a run that asked, whatever the handler made of it; undefined, at once or in the end, when no question
   * is open.
   */
  unanswered(): Promise<Outcome | undefined> | undefined
  /** Resolves when everything that has begun to be computed once is remembered. */
  computed(): Promise<void>
  /** The outcome of a run that asks by hand. */
  askByHand(requests: InputRequests, own: string | undefined): Promise<Outcome>
}

export interface DialogueHooks {
  /** Told when a question goes on record. */
  onAsk(): void
  /** Told when the run is over because of its questions, before its memory is saved. */
  onEnd(): void
}

export function createDialogue(memory: RoundMemory, keeper: MemoryKeeper, { onAsk, onEnd }: DialogueHooks): Dialogue {
  const asked = new Map<string, InputRequest>()
  /** Asks that do not know yet whether the answer there is belongs to their question. */
  const comparing = new Set<Promise<JsonObject>>()
  const computing = new Map<string, Promise<unknown>>()

  function record(key: string, request: InputRequest): never {
    asked.set(key, request)
    onAsk()
    throw new Unanswered(`the answer to ${JSON.stringify(key)} is not there yet; the handler runs again when it is`)
  }

  async function answer(key: string, request: InputRequest): Promise<JsonObject> {
    const known = own(memory.answers, key)
    if (known === undefined) return record(key, request)
    // the same key with another question is another question
    return known.digest === (await digestOf(request)) ? known.result : record(key, request)
  }

  async function compute<T>(key: string, fn: () => T | Promise<T>): Promise<T> {
    const value = await fn()
    // as text, so that it comes back the same whether or not the memory leaves the process meanwhile
    const text: string | undefined = JSON.stringify(value)
    memory.once = { ...memory.once, [key]: text === undefined ? {} : { text } }
    return value
  }

  async function computed(): Promise<void> {
    await Promise.allSettled(computing.values())
  }

  async function end(requests: InputRequests, state: string | undefined): Promise<Outcome> {
    onEnd()
    // what has begun to be computed once must not be computed again
    await computed()
    const open = await Promise.all(
      Object.entries(requests).map(async ([key, request]) => {
        return [key, { method: request.method, digest: await digestOf(request) }] as const
      }),
    )
    const saved = await keeper.save({ ...memory, asked: Object.fromEntries(open), own: state })
    return { kind: 'input_required', requests, state: saved }
  }

  async function endIfAsked(): Promise<Outcome | undefined> {
    await Promise.allSettled(comparing)
    return asked.size === 0 ? undefined : end(Object.fromEntries(asked), memory.own)
  }

  return {
    ask(key, request) {
      const asking = answer(key, request)
      comparing.add(asking)
      const compared = (): void => void comparing.delete(asking)
      asking.then(compared, compared)
      return asking
    },
    async once<T>(key: string, fn: () => T | Promise<T>): Promise<T> {
      const kept = own(memory.once, key)
      // proof of the casts: what is kept under a key is what this key's function gave
      if (kept !== undefined) return (kept.text === undefined ? undefined : JSON.parse(kept.text)) as T
      const running = computing.get(key) as Promise<T> | undefined
      if (running !== undefined) return running
      const started = compute(key, fn)
      computing.set(key, started)
      return started.finally(() => computing.delete(key))
    },
    computed,
    unanswered: () => (asked.size === 0 && comparing.size === 0 ? undefined : endIfAsked()),
    askByHand: (requests, state) => end({ ...Object.fromEntries(asked), ...requests }, state),
  }
}

/** What a round brought back, as the handler's run needs it. */
export interface Recalled {
  readonly memory: RoundMemory
  /** What came back for the questions of the round before; without a state, whatever came: nothing is bound to it. */
  readonly responses: Readonly<Record<string, JsonObject>>
  /** The questions these responses answer, and those that came back without one. */
  readonly asked: RoundMemory['asked']
}

/**
 * The memory a request comes back with: what was kept, and the answers to what was asked. Keys that were never asked are
 * ignored; a key without an answer stays open and is asked again.
 * @param singleUse true refuses a round that came back before
 * @throws {RpcError} -32602 when the state is not ours, or an answer has not the shape of one
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export async function recall(round: Round, keeper: MemoryKeeper, singleUse: boolean): Promise<Recalled> {
  // without a state nothing was asked that could be bound to an answer; a handler that asks by hand decides for itself
  if (round.state === undefined) {
    return { memory: emptyMemory(), responses: singleUse ? {} : round.responses, asked: {} }
  }
  const memory = await keeper.load(round.state, singleUse)
  const answered = Object.entries(memory.asked).flatMap(([key, { method, digest }]) => {
    const result = own(round.responses, key)
    if (result === undefined) return []
    if (isAnswerTo(method, result)) return [{ key, digest, result }]
    throw new RpcError(INVALID_PARAMS, `inputResponses[${JSON.stringify(key)}] is no result of ${method}`)
  })
  const answers = Object.fromEntries(answered.map(({ key, digest, result }) => [key, { digest, result }]))
  return {
    memory: { ...memory, answers: { ...memory.answers, ...answers }, asked: {} },
    responses: Object.fromEntries(answered.map(({ key, result }) => [key, result])),
    asked: memory.asked,
  }
}

/** A member of an object with keys of somebody's choice, which may be called `constructor`. */
function own<T>(members: { readonly [key: string]: T }, key: string): T | undefined {
  return Object.hasOwn(members, key) ? members[key] : undefined
}
