import {
  INITIALIZED,
  INVALID_PARAMS,
  type JsonObject,
  type JsonRpcRequest,
  type LogLevel,
  METHOD_NOT_FOUND,
  RpcError,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import { InputError, type InputErrorCode } from '../input-error.ts'
import type { ClientSide, Greeting, InputCall, Session } from '../session.ts'
import type { Pipe, Voice } from './pipe.ts'

/** A user refused to have a message sampled. */
const USER_REJECTED = -1

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
  const { info: clientInfo, inputs } = side
  const params = { protocolVersion: revision.version, capabilities: inputs.capabilities, clientInfo }
  return peer.request('initialize', params, { ...LOCAL_MATTER, signal, cancellable: false })
}

/** A conversation that remembers its handshake and in which the server asks by requests of its own. */
export async function legacySession({ peer, give }: Pipe, side: ClientSide, greeting: Greeting): Promise<Session> {
  give(legacyVoice(side, greeting.revision))
  // a server that ends right here is told of by `closed` and by the first call
  await peer.notify(INITIALIZED).catch(() => undefined)
  const session: Session = {
    ...greeting,
    era: 'legacy',
    closed: peer.closed,
    request: (method, params, options) => peer.request(method, params, options),
    notify: (method, params) => peer.notify(method, params),
    async ping(options) {
      await peer.request('ping', undefined, options)
    },
    async setLogLevel(level, options) {
      await peer.request('logging/setLevel', { level }, options)
    },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
  if (side.logLevel !== undefined && greeting.capabilities.logging !== undefined)
    askForLogs(session, side, side.logLevel)
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
      return await inputs.answer(method, params, call)
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
