import type { ClientCapabilities } from '@bao-mcp/protocol'
import {
  INITIALIZED,
  INVALID_PARAMS,
  type JsonObject,
  type JsonRpcRequest,
  type LogLevel,
  META,
  METHOD_NOT_FOUND,
  RpcError,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { untilAborted } from '../auth/until-aborted.ts'
import { InputError, type InputErrorCode } from '../input-error.ts'
import type { ClientSide, Greeting, InputCall, Session } from '../session.ts'
import { createEndSignal } from './end-signal.ts'
import { fulfilRound } from './fulfil.ts'
import type { Pipe, Voice } from './pipe.ts'
import { createSubscriber } from './subscribe.ts'

/** A user refused to have a message sampled. */
const USER_REJECTED = -1

const ROOTS_CHANGED = 'notifications/roots/list_changed'

const LOCAL_MATTER = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }

/**
 * Offers the handshake. It is never cancelled on the wire: giving it up is a local matter.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */
export function initialize(
  { peer, give }: Pipe,
  side: ClientSide,
  revision: Revision,
  signal: AbortSignal,
): Promise<JsonObject> {
  // a server may not wait for `initialized` with its requests
  give(legacyVoice(side, revision))
  const { info: clientInfo, inputs, extensions } = side
  const offered = extensions?.declare(inputs.capabilities, revision) ?? inputs.capabilities
  const params = { protocolVersion: revision.version, capabilities: declared(offered), clientInfo }
  return peer.request('initialize', params, { ...LOCAL_MATTER, signal, cancellable: false })
}

/** A server that keeps the roots is told when they change. */
function declared(capabilities: ClientCapabilities): ClientCapabilities {
  return capabilities.roots === undefined
    ? capabilities
    : { ...capabilities, roots: { ...capabilities.roots, listChanged: true } }
}

/**
 * A conversation that remembers its handshake and in which the server asks by requests of its own.
 * @param signal gives the opening up; without meaning afterwards
 * @throws the signal's reason
 */
export async function legacySession(
  { peer, give }: Pipe,
  side: ClientSide,
  greeting: Greeting,
  signal: AbortSignal,
): Promise<Session> {
  give(legacyVoice(side, greeting.revision))
  // a server that ends right here is told of by `closed` and by the first call
  const told = peer.notify(INITIALIZED).catch(() => undefined)
  await untilAborted(told, signal)
  const subscriber = createSubscriber((method, params) => peer.request(method, params), side, greeting.capabilities)
  const { revision, serverInfo, capabilities, instructions } = greeting
  let logLevel = side.logLevel
  let renewals = 0
  const session: Session = {
    ...greeting,
    era: 'legacy',
    get renewals() {
      return renewals
    },
    closed: peer.closed,
    request: (method, params, options) => peer.request(method, params, options),
    notify: (method, params) => peer.notify(method, params),
    async ping(options) {
      await peer.request('ping', undefined, options)
    },
    async setLogLevel(level, options) {
      await peer.request('logging/setLevel', { level }, options)
      logLevel = level
    },
    async discover() {
      const _meta = serverInfo === undefined ? undefined : { [META.serverInfo]: serverInfo }
      return {
        supportedVersions: [revision.version],
        capabilities,
        instructions,
        ...(_meta !== undefined && { _meta }),
      }
    },
    async rootsChanged() {
      if (side.inputs.capabilities.roots !== undefined) await peer.notify(ROOTS_CHANGED)
    },
    listen: (wanted) => subscriber.want(wanted),
    renewed() {
      renewals++
      if (logLevel !== undefined && capabilities.logging !== undefined) askForLogs(session, side, logLevel)
      // a server that is gone again is told of by `closed` and by the next call
      void session.rootsChanged().catch(() => undefined)
      // what the subscriptions would have told meanwhile is lost, whether or not they can be renewed
      void subscriber.renew().then(side.missed)
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
  side.extensions?.open({
    clock: side.clock,
    random: side.random,
    maxInputRounds: side.maxInputRounds,
    request: session.request,
    answer: (asked) => fulfilRound(asked, side.inputs, revision),
    ended: createEndSignal(peer.closed),
  })
  if (logLevel !== undefined && capabilities.logging !== undefined) askForLogs(session, side, logLevel)
  return session
}

/** A server that fails at this still serves, so its failure is reported and ends nothing. */
function askForLogs(session: Session, side: ClientSide, level: LogLevel): void {
  session.setLogLevel(level).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error)
    side.stray({ kind: 'invalid', message: `the server declared logging and refused the level ${level}: ${words}` })
  })
}

function legacyVoice({ inputs, hear }: ClientSide, revision: Revision): Voice {
  async function answer({ method, params }: JsonRpcRequest, call: InputCall): Promise<JsonObject> {
    try {
      return revision.encodeAnswer(method, await inputs.answer(method, params, call))
    } catch (error) {
      throw error instanceof InputError ? onTheWire(error) : error
    }
  }
  return {
    batches: revision.batches,
    answers: true,
    request(request, exchange) {
      const { method } = request
      if (method === 'ping') return {}
      if (!revision.inputs.has(method)) {
        throw new RpcError(METHOD_NOT_FOUND, `${method} is no request a server of ${revision.version} may send`)
      }
      return answer(request, exchange)
    },
    notice: hear,
  }
}

const WIRE_CODES: Readonly<Partial<Record<InputErrorCode, number>>> = {
  undeclared: METHOD_NOT_FOUND,
  invalid_request: INVALID_PARAMS,
  declined: USER_REJECTED,
}

/** What the server is told. A handler that failed is its own side's matter: the server learns of an internal error. */
function onTheWire(error: InputError): Error {
  if (error.cause instanceof RpcError) return error.cause
  const code = WIRE_CODES[error.code]
  return code === undefined ? error : new RpcError(code, error.message)
}
