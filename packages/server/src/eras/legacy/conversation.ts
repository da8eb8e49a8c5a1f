import type { ClientCapabilities, Implementation } from '@bao-mcp/protocol'
import {
  type CallOptions,
  type Complete,
  type Exchange,
  type Extended,
  INITIALIZED,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  type InputRequests,
  type InputResponses,
  InputRoundsError,
  isJsonObject,
  isLogLevel,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  LOG_LEVELS,
  type MaybePromise,
  type Outcome,
  type Round,
  RpcError,
  SERVER_BUSY,
  settleInput,
} from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type RequestFacts, type Revision } from '@bao-mcp/protocol/revisions'
import { dispatch, isKnownMethod, type ServedRequest, unknownMethod } from '../../dispatch.ts'
import type { Encode } from '../../encode.ts'
import { failedCall } from '../../registry/tool-result.ts'
import { isAnswerTo } from '../../rounds/answer.ts'
import { localKeeper, type MemoryKeeper } from '../../rounds/memory.ts'
import { capabilitiesIn } from '../../server.ts'
import type { Serving } from '../../serving.ts'
import { chain } from '../../then.ts'
import { wayOf } from '../../way.ts'
import type { Announcer } from './announce.ts'
import type { ConversationMemory } from './memory.ts'
import { subscribe, unsubscribe } from './updates.ts'

/** The way back to the client of a conversation, which only this era may use. */
export interface ClientLine {
  request(method: string, params: JsonObject | undefined, options: CallOptions): Promise<JsonObject>
}

/** One conversation that opens with a handshake: a memory that fills in what later requests leave out. */
export interface Conversation {
  /** True once there was a handshake. */
  readonly opened: boolean
  readonly revision: Revision | undefined
  /** Whether a request may be answered with this error by whoever stands around the features. */
  admits(request: JsonRpcRequest, error: RpcError): boolean
  request(request: JsonRpcRequest, exchange: Exchange): MaybePromise<JsonObject>
  notice(notice: JsonRpcNotification): void
  end(): void
}

/** What a conversation is made of. */
export interface ConversationParts {
  readonly serving: Serving
  readonly encode: Encode
  readonly memory: ConversationMemory
  readonly client: ClientLine
  /** Tells of changes on the channel itself; undefined where another stream does. */
  readonly announcer: Announcer | undefined
}

const NO_WAY_BACK = 'it takes a single JSON answer and nothing before it, or is gone and cannot come back'

/** What a client hears before it has chosen a level. */
const FIRST_LOG_LEVEL = 'info'

/** @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle */
export function createConversation({ serving, encode, memory, client, announcer }: ConversationParts): Conversation {
  const { server } = serving
  /** Calls whose questions the client has not answered yet. */
  let asking = 0
  const keepers = new WeakMap<Exchange, MemoryKeeper>()

  function initialize(params: JsonObject | undefined): MaybePromise<JsonObject> {
    if (memory.facts !== undefined) throw new RpcError(INVALID_REQUEST, 'this connection is initialized already')
    const { protocolVersion, capabilities, clientInfo } = params ?? {}
    if (typeof protocolVersion !== 'string') throw missing('protocolVersion', 'a version string')
    if (!isJsonObject(capabilities)) throw missing('capabilities', 'an object')
    if (!isJsonObject(clientInfo)) throw missing('clientInfo', 'an object with name and version')
    const revision = revisionFor(protocolVersion)
    const facts: RequestFacts = {
      revision,
      // proof: objects, and every reader of a member checks it
      clientCapabilities: capabilities as ClientCapabilities,
      clientInfo: clientInfo as Implementation,
      logLevel: FIRST_LOG_LEVEL,
      progressToken: undefined,
    }
    const declared = capabilitiesIn(server, revision)
    const { info: serverInfo, instructions } = server
    return chain(memory.open(facts, declared), () => ({
      protocolVersion: revision.version,
      // a copy, because a middleware may change what it sees
      capabilities: structuredClone(declared),
      serverInfo,
      ...(instructions !== undefined && { instructions }),
    }))
  }

  function setLevel(params: JsonObject | undefined): MaybePromise<JsonObject> {
    const level = params?.level
    if (!isLogLevel(level)) throw missing('level', `one of ${LOG_LEVELS.join(', ')}`)
    return chain(memory.setLogLevel(level), () => ({}))
  }

  function keeperFor({ exchange }: ServedRequest): MemoryKeeper {
    let keeper = keepers.get(exchange)
    if (keeper === undefined) {
      keeper = localKeeper()
      keepers.set(exchange, keeper)
    }
    return keeper
  }

  function answer(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject> {
    const { method, params } = request
    const auth = wayOf(exchange)?.auth
    const run = (round: Round | undefined): MaybePromise<Outcome | Extended> =>
      dispatch({ method, params, facts, exchange, auth, round, serving, keeperFor })
    const settled = settleInput<Complete | Extended>({
      run,
      fulfil: (asked) => fulfil(asked, exchange, facts.revision),
      maxRounds: serving.maxRounds,
    })
    const encoded = chain(settled, (outcome) => encode(method, outcome, facts.revision))
    if (!(encoded instanceof Promise)) return encoded
    return encoded.catch((error: unknown) => {
      if (error instanceof InputRoundsError) throw new RpcError(INTERNAL_ERROR, error.message)
      if (!(error instanceof Refused) || method !== 'tools/call') throw error
      return encode(method, failedCall(error.message), facts.revision)
    })
  }

  /** Pushes all questions of a round to the client at once; when one is refused, the others are taken back. */
  async function fulfil(asked: InputRequests, exchange: Exchange, revision: Revision): Promise<InputResponses> {
    if (asking >= serving.maxAskingCalls) {
      throw new RpcError(
        SERVER_BUSY,
        `${asking} calls wait for answers of the client, which is the limit (maxAskingCalls)`,
      )
    }
    if (wayOf(exchange)?.canAsk === false) {
      const [question] = Object.values(asked)
      throw new Refused(question?.method ?? '', new TypeError(NO_WAY_BACK))
    }
    asking++
    try {
      return await askAll(asked, exchange, revision)
    } finally {
      asking--
    }
  }

  async function askAll(asked: InputRequests, exchange: Exchange, revision: Revision): Promise<InputResponses> {
    const round = new AbortController()
    const options = {
      timeoutMs: serving.askTimeoutMs,
      maxTotalTimeoutMs: serving.askTimeoutMs,
      signal: AbortSignal.any([exchange.signal, round.signal]),
      way: exchange.way,
    }
    const answers = Object.entries(asked).map(async ([key, question]) => {
      const { method } = question
      try {
        const { params } = revision.encodeInput(question, crypto.randomUUID())
        const result = await client.request(method, params, options)
        if (!isAnswerTo(method, result)) throw new TypeError('what came back is no result of it')
        return [key, result] as const
      } catch (cause) {
        if (exchange.cancelled) throw cause
        throw new Refused(method, cause)
      }
    })
    try {
      return Object.fromEntries(await Promise.all(answers))
    } catch (error) {
      round.abort(error)
      throw error
    }
  }

  return {
    get opened() {
      return memory.facts !== undefined
    },
    get revision() {
      return memory.facts?.revision
    },
    admits: (_request, error) => memory.facts?.revision.admitsError(error) !== false,
    request(request, exchange) {
      const { method, params } = request
      if (method === 'ping') return {}
      if (method === 'initialize') return initialize(params)
      const remembered = memory.facts
      if (remembered === undefined) throw new RpcError(INVALID_REQUEST, `${method} came before initialize`)
      const facts = remembered.revision.lift(params, remembered)
      if (!isKnownMethod(server, method, facts.revision)) throw unknownMethod(method, facts.revision.version)
      switch (method) {
        case 'logging/setLevel':
          return setLevel(params)
        case 'resources/subscribe':
        case 'resources/unsubscribe':
          if (!server.offers('resources')) throw unknownMethod(method, facts.revision.version)
          if (method === 'resources/unsubscribe') return unsubscribe(memory, params)
          announcer?.announceUpdates()
          return subscribe(memory, params, serving)
        default:
          return answer(request, exchange, facts)
      }
    },
    notice({ method }) {
      if (method === INITIALIZED && memory.facts !== undefined) announcer?.announceLists()
    },
    end() {
      announcer?.end()
    },
  }
}

/** The client did not answer a question; its own words are told to nobody but the caller. */
class Refused extends RpcError {
  constructor(method: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(INTERNAL_ERROR, `the client did not answer ${method}: ${reason}`, undefined, { cause })
  }
}

/** "If the server supports the requested version it must answer with the same; otherwise with another it supports." */
function revisionFor(version: string): Revision {
  const [newest] = handshakeRevisions
  const revision = handshakeRevisions.find((one) => one.version === version) ?? newest
  if (revision === undefined) throw new RpcError(INTERNAL_ERROR, 'no revision with a handshake is served')
  return revision
}

function missing(member: string, expected: string): RpcError {
  return new RpcError(INVALID_PARAMS, `params.${member} must be ${expected}`)
}
