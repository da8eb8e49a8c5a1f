import {
  type Complete,
  ConnectionError,
  type Extended,
  type InputRequests,
  type InputResponses,
  type JsonObject,
  type MaybePromise,
  METHOD_NOT_FOUND,
  type Outcome,
  RpcError,
  settleInput,
} from '@bao-mcp/protocol/engine'
import type { ClientIdentity, Revision } from '@bao-mcp/protocol/revisions'
import { follow } from '../follow.ts'
import { unknownOutcome } from '../outcome-unknown.ts'
import { heldPause } from '../pause.ts'
import type { ClientSide, Greeting, Session, SessionCallOptions } from '../session.ts'
import { createEndSignal } from './end-signal.ts'
import { fulfilRound } from './fulfil.ts'
import { createListener, type Listener } from './listen.ts'
import type { Pipe, Voice } from './pipe.ts'

/** Milliseconds before a round that only asks for patience is tried again; doubled for each of them. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** A request that was answered with questions. */
interface Asked {
  method: string
  params: JsonObject | undefined
  options: SessionCallOptions | undefined
  /** Point in time on the side's clock, in milliseconds. */
  startedAt: number
}

/**
 * Asks a server what it speaks and offers. It may turn out to be an older one, which must not be sent a cancellation
 * either, so giving it up is a local matter.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover
 */
export function discover(
  { peer }: Pipe,
  side: ClientSide,
  revision: Revision,
  wait: { timeoutMs: number; signal: AbortSignal },
): Promise<JsonObject> {
  const params = revision.attach(undefined, identityOf(side, revision))
  const maxTotalTimeoutMs = Number.POSITIVE_INFINITY
  return peer.request('server/discover', params, { ...wait, maxTotalTimeoutMs, cancellable: false })
}

/** A conversation in which every request says everything, and in which the client drives the input rounds. */
export function modernSession({ peer, give }: Pipe, side: ClientSide, greeting: Greeting): Session {
  const { revision } = greeting
  const { inputs, clock, extensions, random, maxInputRounds: maxRounds } = side
  let identity = identityOf(side, revision)
  const endSignal = createEndSignal(peer.closed)
  give(
    modernVoice(side, revision, (notice) => {
      if (!listener.ends(notice)) side.hear(notice)
    }),
  )
  const listener: Listener = createListener(request, side, greeting.capabilities)

  async function request(method: string, params?: JsonObject, options?: SessionCallOptions): Promise<JsonObject> {
    const startedAt = clock.now()
    const result = await peer.request(method, revision.attach(params, identity), options)
    const outcome = decode(method, result)
    return outcome.kind === 'complete' ? outcome.value : settle({ method, params, options, startedAt }, outcome)
  }

  function decode(method: string, result: JsonObject): Outcome | Extended {
    return extensions?.read(method, result, revision) ?? revision.decode(method, result)
  }

  async function settle(asked: Asked, first: Outcome | Extended): Promise<JsonObject> {
    const { method, params, options } = asked
    using call = follow(options?.signal, endSignal())
    using _ = totalLimit(call.controller, asked)
    const { signal } = call
    options?.onInput?.()
    const settled = first.kind === 'extended' ? first : await answerBack(asked, first, signal)
    if (settled.kind === 'complete') return settled.value
    if (extensions === undefined) throw new TypeError('a result of an extension without extensions')
    // awaited here: the signal and the time limit last until then
    return await extensions.settle(settled, { method, params, options, signal })
  }

  function answerBack(
    { method, params, options }: Asked,
    first: Outcome,
    signal: AbortSignal,
  ): MaybePromise<Complete | Extended> {
    let pauseMs = FIRST_PAUSE_MS
    return settleInput<Complete | Extended>({
      async run(round) {
        if (round === undefined) return first
        const resumed = revision.attach(revision.resume(params, round), identity)
        const answer = await peer.request(method, resumed, { ...options, signal }).catch(begun)
        return decode(method, answer)
      },
      async fulfil(requests): Promise<InputResponses> {
        if (isEmpty(requests)) {
          await heldPause(clock, pauseMs, signal)
          pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
        }
        return fulfilRound({ method, requests, signal }, inputs, revision)
      },
      maxRounds,
      signal,
    })
  }

  /** Whatever a request takes until its result is there is one call, and the time its handlers take is part of it. */
  function totalLimit(controller: AbortController, { method, options, startedAt }: Asked): Disposable {
    const ms = options?.maxTotalTimeoutMs ?? side.maxTotalTimeoutMs
    const giveUp = (): void => {
      const message = `${method} was given up after ${ms} ms (maxTotalTimeoutMs), before its result was there`
      controller.abort(new ConnectionError('total_timeout', message, { method }))
    }
    const stop = ms === Number.POSITIVE_INFINITY ? undefined : clock.after(startedAt + ms - clock.now(), giveUp)
    return { [Symbol.dispose]: () => stop?.() }
  }

  extensions?.open({
    clock,
    random,
    maxInputRounds: maxRounds,
    request,
    answer: (asked) => fulfilRound(asked, inputs, revision),
    ended: endSignal,
  })
  return {
    ...greeting,
    era: 'modern',
    renewals: 0,
    closed: peer.closed,
    request,
    notify: (method, params) => peer.notify(method, params),
    async ping(options) {
      await request('server/discover', undefined, options)
    },
    async setLogLevel(logLevel) {
      identity = { ...identity, logLevel }
    },
    discover: (options) => request('server/discover', undefined, options),
    async rootsChanged() {
      // nobody keeps them: they are asked for whenever they are needed
    },
    listen: (wanted) => listener.want(wanted),
    async [Symbol.asyncDispose]() {
      listener.stop()
      await peer[Symbol.asyncDispose]()
    },
  }
}

function identityOf({ info, inputs, extensions, logLevel }: ClientSide, revision: Revision): ClientIdentity {
  const { capabilities } = inputs
  return { info, capabilities: extensions?.declare(capabilities, revision) ?? capabilities, logLevel }
}

/** "The client never writes JSON-RPC responses, because servers do not initiate requests on this (or any) transport". */
function modernVoice({ stray }: ClientSide, revision: Revision, notice: Voice['notice']): Voice {
  return {
    batches: revision.batches,
    answers: false,
    request({ method }) {
      const message = `the server sent the request ${method}, which is not answered: servers of this revision send none`
      stray({ kind: 'invalid', message })
      throw new RpcError(METHOD_NOT_FOUND, message)
    },
    notice,
  }
}

function isEmpty(requests: InputRequests): boolean {
  return Object.keys(requests).length === 0
}

/** A later round that the server has not begun with is still part of a call that it has. */
function begun(error: unknown): never {
  if (!(error instanceof ConnectionError) || error.outcome !== 'not_run') throw error
  throw unknownOutcome(error, error.message)
}
