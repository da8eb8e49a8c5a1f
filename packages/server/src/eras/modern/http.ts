import {
  INVALID_REQUEST,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
  RpcError,
  toRpcError,
} from '@bao-mcp/protocol/engine'
import { type RequestFacts, statelessRevisions } from '@bao-mcp/protocol/revisions'
import type { Encode } from '../../encode.ts'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore, Incoming } from '../../http/incoming.ts'
import { errorResponse } from '../../http/respond.ts'
import { compose } from '../../middleware.ts'
import { isThenable } from '../../then.ts'
import { admit } from './admit.ts'
import { HttpExchange } from './exchange.ts'
import { createStateless } from './stateless.ts'

/** Requests that stand alone, over HTTP. */
export interface ModernHttp {
  answer(request: JsonRpcRequest, incoming: Incoming): MaybePromise<Response>
  /** Calls that are being answered. */
  readonly inFlight: number
  /** Ends subscriptions, and from now on answers every request with this error. */
  refuse(error: RpcError): void
  /** Answers everything that runs with this error. */
  failInFlight(error: RpcError): void
}

export interface ModernHttpOptions {
  readonly core: HttpCore
  readonly encode: Encode
  /** Headers that go with an error, by what it says. */
  challenge(error: RpcError, incoming: Incoming): Readonly<Record<string, string>> | undefined
  /** Told whenever nothing runs any more. */
  onIdle(): void
}

/** Answers on every stream of events, so it needs a client that takes one. */
const STREAM_ONLY = 'subscriptions/listen'

/** @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http */
export function createModernHttp({ core, encode, challenge, onIdle }: ModernHttpOptions): ModernHttp {
  const { serving } = core
  const { server } = serving
  const stateless = createStateless(serving, encode, {
    notify() {
      // the end of its stream tells a client that a subscription is over
    },
  })
  // a middleware may change what was admitted, so what is behind one looks again
  const behindMiddleware =
    server.middleware.length > 0
      ? compose(server.middleware, (request, exchange) => stateless.request(request, exchange), stateless.admits)
      : undefined
  const running = new Set<HttpExchange>()
  let refusal: RpcError | undefined

  function respond(request: JsonRpcRequest, exchange: HttpExchange, facts: RequestFacts): MaybePromise<JsonObject> {
    return behindMiddleware === undefined
      ? stateless.serve(request, exchange, facts)
      : behindMiddleware(request, exchange)
  }

  function fail(exchange: HttpExchange, thrown: unknown, incoming: Incoming): Response | undefined {
    return exchange.fail(thrown, thrown instanceof RpcError ? challenge(thrown, incoming) : undefined)
  }

  function finish(exchange: HttpExchange, response: Response | undefined): void {
    exchange.settle(response)
    if (running.delete(exchange) && running.size === 0) onIdle()
  }

  function run(request: JsonRpcRequest, incoming: Incoming, facts: RequestFacts): MaybePromise<Response> {
    const exchange = new HttpExchange(core, incoming, request, facts)
    let answer: MaybePromise<JsonObject>
    try {
      answer = respond(request, exchange, facts)
    } catch (thrown) {
      return fail(exchange, thrown, incoming) ?? exchange.streamed()
    }
    if (!isThenable(answer)) return exchange.succeed(answer) ?? exchange.streamed()
    running.add(exchange)
    answer.then(
      (result) => finish(exchange, exchange.succeed(result)),
      (thrown: unknown) => finish(exchange, fail(exchange, thrown, incoming)),
    )
    return exchange.later()
  }

  return {
    get inFlight() {
      return running.size
    },
    answer(request, incoming) {
      try {
        if (refusal !== undefined) throw refusal
        const facts = admit(server, request, incoming.request.headers)
        if (request.method === STREAM_ONLY && !incoming.accepts.events) {
          throw new HttpFault(
            406,
            INVALID_REQUEST,
            `${STREAM_ONLY} is answered with text/event-stream, which Accept leaves out`,
          )
        }
        return run(request, incoming, facts)
      } catch (thrown) {
        return refused(request, thrown)
      }
    },
    refuse(error) {
      refusal = error
      stateless.endSubscriptions()
    },
    failInFlight(error) {
      for (const exchange of [...running]) {
        const response = exchange.fail(error)
        exchange.abort(error)
        finish(exchange, response)
      }
    },
  }

  function refused({ id, method }: JsonRpcRequest, thrown: unknown): Response {
    const error = toRpcError(thrown)
    if (error !== thrown) serving.log.error(`${method} failed`, thrown)
    return errorResponse(statusOf(error), id, error)
  }
}

/** The status of a refusal before any revision was agreed on: that of the newest. */
function statusOf(error: RpcError): number {
  if (error instanceof HttpFault) return error.status
  return statelessRevisions[0]?.http.statusOf(error.code) ?? 400
}
