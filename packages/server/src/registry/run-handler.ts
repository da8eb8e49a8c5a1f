import {
  AnsweredError,
  INTERNAL_ERROR,
  type MaybePromise,
  type Outcome,
  RpcError,
  shown,
} from '@bao-mcp/protocol/engine'
import { CallRun } from '../context.ts'
import type { ServedRequest } from '../dispatch.ts'
import { ToolError } from '../errors.ts'
import { recall } from '../rounds/dialogue.ts'
import { chain, isThenable } from '../then.ts'
import { InputRequired } from './input-required.ts'
import type { Verdict } from './validate.ts'

/** Something with a handler of the user's. */
interface Subject {
  readonly name: string
  readonly singleUse?: boolean
}

/**
 * How the handlers of one method are run: one constant per method, so that a call makes nothing for it. `More` is what
 * else than an outcome its calls may come to.
 */
export interface HandlerKind<S extends Subject, More = never> {
  /** What one of them is called in messages. */
  readonly noun: string
  check(subject: S, given: unknown): MaybePromise<Verdict>
  /** The outcome for what `check` refuses; may throw instead. */
  refuse(subject: S, issues: readonly string[]): Outcome
  invoke(subject: S, args: unknown, call: CallRun): unknown
  /** The outcome from what the handler returned. */
  conclude(subject: S, value: unknown, request: ServedRequest): MaybePromise<Outcome>
  /** The outcome of a failure whose text the caller may read; may throw instead. */
  tell(text: string): Outcome
  /** What a call comes to whose run was ended for something else to go on with it; undefined for every other. */
  handedOver?(call: CallRun): Promise<More> | undefined
}

/**
 * Runs a handler when there is room for it, in this tick when it answers in it, and through as many rounds as it asks.
 * @throws {RpcError} what the handler throws as one, and what its kind makes of other failures
 */
export function runHandler<S extends Subject, More>(
  kind: HandlerKind<S, More>,
  subject: S,
  given: unknown,
  request: ServedRequest,
): MaybePromise<Outcome | More> {
  return request.serving.limiter.run(request.exchange, () => {
    const { round } = request
    if (round === undefined) return checkInput(kind, subject, given, request, new CallRun(request, undefined))
    return recall(round, request.keeperFor(request), subject.singleUse === true).then((recalled) =>
      checkInput(kind, subject, given, request, new CallRun(request, recalled)),
    )
  })
}

/** For kinds whose failures are protocol errors. @throws {RpcError} -32603 */
export function throwInternal(text: string): never {
  throw new RpcError(INTERNAL_ERROR, text)
}

function checkInput<S extends Subject, More>(
  kind: HandlerKind<S, More>,
  subject: S,
  given: unknown,
  request: ServedRequest,
  call: CallRun,
): MaybePromise<Outcome | More> {
  return chain(kind.check(subject, given), (verdict) => {
    if (!verdict.ok) return kind.refuse(subject, verdict.issues)
    return run(kind, subject, verdict.value, request, call)
  })
}

function run<S extends Subject, More>(
  kind: HandlerKind<S, More>,
  subject: S,
  args: unknown,
  request: ServedRequest,
  call: CallRun,
): MaybePromise<Outcome | More> {
  const { serving } = request
  // whoever asked may have gone while the arguments were checked
  if (request.exchange.cancelled) return kind.tell(`${subject.name} was not run: its call is over`)
  let returned: unknown
  const startedAt = serving.clock.now()
  try {
    returned = kind.invoke(subject, args, call)
  } catch (thrown) {
    return unlessAsking(kind, call, () => failed(kind, subject, thrown, request))
  } finally {
    serving.handlerHeldLoop(kind.noun, subject.name, serving.clock.now() - startedAt)
  }
  if (!isThenable(returned)) return settle(kind, subject, returned, request, call)
  return Promise.resolve(returned).then(
    (value) => settle(kind, subject, value, request, call),
    (thrown) => unlessAsking(kind, call, () => failed(kind, subject, thrown, request)),
  )
}

/**
 * An open question outweighs whatever the handler returned or threw: "not confirmed" must not turn into "done". So does
 * what goes on with the call elsewhere.
 */
function unlessAsking<S extends Subject, More>(
  kind: HandlerKind<S, More>,
  call: CallRun,
  conclude: () => MaybePromise<Outcome>,
): MaybePromise<Outcome | More> {
  const unanswered = call.unanswered()
  if (unanswered === undefined) return kind.handedOver?.(call) ?? conclude()
  return unanswered.then((outcome): MaybePromise<Outcome | More> => outcome ?? kind.handedOver?.(call) ?? conclude())
}

function settle<S extends Subject, More>(
  kind: HandlerKind<S, More>,
  subject: S,
  value: unknown,
  request: ServedRequest,
  call: CallRun,
): MaybePromise<Outcome | More> {
  return unlessAsking(kind, call, () => {
    if (value instanceof InputRequired) return askByHand(kind, subject, value, request, call)
    return kind.conclude(subject, value, request)
  })
}

function askByHand(
  kind: Teller,
  subject: Subject,
  asked: InputRequired,
  request: ServedRequest,
  call: CallRun,
): MaybePromise<Outcome> {
  try {
    return call.askByHand(asked.requests, asked.state)
  } catch (thrown) {
    // as if `call.ask` had rejected inside the handler
    return failed(kind, subject, thrown, request)
  }
}

/** What it takes to tell a caller of a failure. */
type Teller = Pick<HandlerKind<Subject>, 'noun' | 'tell'>

/** What a handler did not mean to tell stays here, under a reference both sides can name. */
function failed(kind: Teller, { name }: Subject, thrown: unknown, request: ServedRequest): Outcome {
  const { serving, exchange, facts } = request
  // what another server answered was meant for this one, and its codes would mislead the caller about this one
  const isMeant = thrown instanceof RpcError && !(thrown instanceof AnsweredError)
  if (isMeant && facts.revision.admitsError(thrown)) throw thrown
  if (thrown instanceof ToolError) return kind.tell(thrown.message)
  if (exchange.cancelled) {
    const why = shown(wordsOf(exchange.signal.reason))
    serving.log.debug(`${kind.noun} ${JSON.stringify(name)} stopped because its call is over: ${why}`)
    return kind.tell(`${name} was stopped`)
  }
  const reference = crypto.randomUUID().slice(0, 8)
  serving.log.error(`${kind.noun} ${JSON.stringify(name)} failed (reference ${reference})`, thrown)
  if (serving.server.exposeErrors) return kind.tell(wordsOf(thrown))
  return kind.tell(`${name} failed for a reason of its own; the server's log has it under ${reference}`)
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  try {
    return JSON.stringify(thrown) ?? Object.prototype.toString.call(thrown)
  } catch {
    // it has no words; the log has the thing itself
    return Object.prototype.toString.call(thrown)
  }
}
