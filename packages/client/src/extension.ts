import type { ClientCapabilities } from '@bao-mcp/protocol'
import {
  type Clock,
  type Extended,
  type InputRequests,
  type InputResponses,
  InvalidResultError,
  isJsonObject,
  type JsonObject,
  type Notice,
} from '@bao-mcp/protocol/engine'
import type { Revision } from '@bao-mcp/protocol/revisions'
import type { Client } from './client.ts'
import type { Session, SessionCallOptions } from './session.ts'

/** What an extension may do in an open conversation, also when no call is under way. */
export interface Conversation {
  readonly clock: Clock
  /** Between 0 and 1; what waiting times are scattered by. */
  random(): number
  /** Input rounds of one request before it is given up. */
  readonly maxInputRounds: number
  /** Sends a request past the middleware and settles with its finished result. */
  readonly request: Session['request']
  /**
   * Gets the answers to what a server asks from the handlers of this client, under the rules of any other question.
   * @throws {InputError} when there is no answer to one of them
   * @throws {InvalidResultError} for something that may not be asked
   * @throws the signal's reason
   */
  answer(asked: { method: string; requests: InputRequests; signal: AbortSignal }): Promise<InputResponses>
  /** Aborts when the connection is over. */
  ended(): AbortSignal
}

/** A call whose result is an extension's to finish. */
export interface ExtendedCall {
  readonly method: string
  readonly params: JsonObject | undefined
  readonly options: SessionCallOptions | undefined
  /** Aborts when the caller gives up, when the time of the call is up, and when the connection is over. */
  readonly signal: AbortSignal
  readonly conversation: Conversation
}

/**
 * Something beyond the core protocol, under a name of its own. A definition: any number of connections may share it.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#extensions
 */
export interface ClientExtension {
  /** A prefix that belongs to its author, a slash and a name: `com.example/thing`. */
  readonly id: string
  /** What a client declares of it. */
  readonly settings: JsonObject
  /** The kinds of results it adds, each with the methods that may be answered with it. */
  readonly resultTypes?: ReadonlyMap<string, ReadonlySet<string>>
  /** Turns a result of such a kind into a finished one. */
  settle?(result: JsonObject, call: ExtendedCall): Promise<JsonObject>
  /** Hears the notices that belong to no call. */
  hear?(notice: Notice): void
  /** Told of every connection that is opened with it. */
  attach?(client: Client, conversation: Conversation): void
  /** Whether it can be spoken in a revision. Default: in all. */
  servedIn?(revision: Revision): boolean
}

/** The extensions of one connection. */
export interface Extensions {
  /** The capabilities together with what is declared of the extensions in a revision. */
  declare(capabilities: ClientCapabilities, revision: Revision): ClientCapabilities
  /**
   * A result of a kind that an extension adds; undefined for every other.
   * @throws {InvalidResultError} when its method may not be answered with it
   */
  read(method: string, result: JsonObject, revision: Revision): Extended | undefined
  settle(extended: Extended, call: Omit<ExtendedCall, 'conversation'>): Promise<JsonObject>
  hear(notice: Notice): void
  /** The conversation is open. */
  open(conversation: Conversation): void
  attach(client: Client): void
}

const EXTENSION_ID = /^[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*\/[a-z0-9](?:[\w.-]*[a-z0-9])?$/i
/** Kinds of results that the core protocol speaks of. */
const CORE_TYPES: ReadonlySet<unknown> = new Set([undefined, 'complete', 'input_required'])

/**
 * Undefined for none, so that they cost nothing.
 * @throws {TypeError} for an id without a prefix, for two extensions with one id or one kind of result, and for a kind
 * that nobody settles
 */
export function createExtensions(list: readonly ClientExtension[] = []): Extensions | undefined {
  if (list.length === 0) return undefined
  const ids = new Set<string>()
  const byType = new Map<string, ClientExtension>()
  for (const extension of list) {
    const { id, resultTypes = [], settle } = extension
    if (!EXTENSION_ID.test(id)) {
      throw new TypeError(`extension ${JSON.stringify(id)}: an id is a prefix, a slash and a name`)
    }
    if (ids.has(id)) throw new TypeError(`extension ${JSON.stringify(id)} is given twice`)
    ids.add(id)
    for (const [type] of resultTypes) {
      const taken = CORE_TYPES.has(type) ? 'the core protocol' : byType.get(type)?.id
      if (taken !== undefined) throw new TypeError(`results of the type ${type} belong to both ${taken} and ${id}`)
      if (settle === undefined)
        throw new TypeError(`extension ${id}: it adds results of the type ${type} without settle`)
      byType.set(type, extension)
    }
  }
  let conversation: Conversation | undefined

  function current(): Conversation {
    if (conversation === undefined) throw new TypeError('the conversation is not open')
    return conversation
  }

  return {
    declare(capabilities, revision) {
      const served = list.filter((one) => isServed(one, revision))
      if (served.length === 0) return capabilities
      return { ...capabilities, extensions: Object.fromEntries(served.map(({ id, settings }) => [id, settings])) }
    },
    read(method, result, revision) {
      const { resultType } = result
      if (typeof resultType !== 'string' || CORE_TYPES.has(resultType)) return undefined
      const extension = byType.get(resultType)
      if (extension === undefined || !isServed(extension, revision)) return undefined
      if (extension.resultTypes?.get(resultType)?.has(method) === true) {
        return { kind: 'extended', resultType, value: result }
      }
      throw new InvalidResultError(method, `${extension.id} has no result of the type ${resultType} for this method`)
    },
    async settle({ resultType, value }, call) {
      const settled: unknown = await byType.get(resultType)?.settle?.(value, { ...call, conversation: current() })
      if (isJsonObject(settled)) return settled
      throw new TypeError(`the extension that settles results of the type ${resultType} gave no result object`)
    },
    hear(notice) {
      for (const extension of list) extension.hear?.(notice)
    },
    open(opened) {
      conversation = opened
    },
    attach(client) {
      for (const extension of list) extension.attach?.(client, current())
    },
  }
}

function isServed(extension: ClientExtension, revision: Revision): boolean {
  return extension.servedIn?.(revision) ?? true
}
