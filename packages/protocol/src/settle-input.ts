import type { MaybePromise } from './jsonrpc/caller.ts'
import type { Complete, InputRequests, InputRequired, InputResponses, Round } from './outcome.ts'

/** Rounds of questions one request may take. */
export const DEFAULT_MAX_INPUT_ROUNDS = 10

/** A request still needed input when its rounds were used up: a decision of whoever drives the loop, not of the other side. */
export class InputRoundsError extends Error {
  override readonly name = 'InputRoundsError'
  readonly code = 'too_many_rounds'
  readonly maxRounds: number

  constructor(maxRounds: number) {
    super(`input was still required after ${maxRounds} rounds`)
    this.maxRounds = maxRounds
  }
}

/** What the input loop drives: how the request runs, who answers, and how many rounds there may be. */
export interface SettleInput<Final extends { kind: string } = Complete> {
  /** Runs the request: the first time without a round, then with what the round before it brought. */
  run(round: Round | undefined): MaybePromise<Final | InputRequired>
  /** Gets all the answers of one round. */
  fulfil(requests: InputRequests): MaybePromise<InputResponses>
  /** Rounds before the loop is given up. Default 10. */
  maxRounds?: number | undefined
  signal?: AbortSignal | undefined
}

/**
 * The input loop: run, fulfil what is asked, run again, until there is a result. A client drives it over the wire where
 * requests are stateless; a server drives it around the handler where a conversation has state.
 * The first run stays synchronous when it can, so that the common case costs nothing.
 * @throws {InputRoundsError} past `maxRounds`
 * @throws the signal's reason
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
export function settleInput<Final extends { kind: string } = Complete>(
  options: SettleInput<Final>,
): MaybePromise<Final> {
  const first = options.run(undefined)
  if (isPromise(first)) return first.then((outcome) => settleOutcome(outcome, options))
  return settleOutcome(first, options)
}

function settleOutcome<Final extends { kind: string }>(
  outcome: Final | InputRequired,
  options: SettleInput<Final>,
): MaybePromise<Final> {
  return isFinal(outcome) ? outcome : loop(outcome, options)
}

async function loop<Final extends { kind: string }>(first: InputRequired, options: SettleInput<Final>): Promise<Final> {
  const { maxRounds = DEFAULT_MAX_INPUT_ROUNDS, signal } = options
  let outcome: Final | InputRequired = first
  for (let round = 1; !isFinal(outcome); round++) {
    if (round > maxRounds) throw new InputRoundsError(maxRounds)
    signal?.throwIfAborted()
    const responses = await options.fulfil(outcome.requests)
    signal?.throwIfAborted()
    outcome = await options.run({ responses, state: outcome.state })
    signal?.throwIfAborted()
  }
  return outcome
}

function isFinal<Final extends { kind: string }>(outcome: Final | InputRequired): outcome is Final {
  return outcome.kind !== 'input_required'
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise
}
