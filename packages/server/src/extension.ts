import {
  type Extended,
  isJsonObject,
  type JsonObject,
  type MaybePromise,
  type Outcome,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { handshakeRevisions, type RequestFacts, type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import type { ServedRequest } from './dispatch.ts'
import { admitting } from './dispatch-errors.ts'
import type { Server } from './server.ts'
import type { Serving } from './serving.ts'

/** One method that an extension adds. */
export interface ExtensionMethod {
  /** The param that HTTP repeats in the `Mcp-Name` header, where one identifies what the request is about. */
  readonly nameParam?: string
  answer(request: ServedRequest): MaybePromise<Outcome | Extended>
}

/** Who opens a subscription, for the topics an extension adds. */
export interface Listener {
  readonly facts: RequestFacts
  readonly principal: string | undefined
  readonly serving: Serving
}

/** Something else that `subscriptions/listen` can be asked to tell of. */
export interface ExtensionTopic {
  /** The member of the filter that asks for it. */
  readonly member: string
  /**
   * @param asked the filter's member, as it came from the wire
   * @returns what of it is honoured and how to stop; undefined when nothing is
   * @throws {RpcError} when the caller may not ask for it
   */
  follow(
    asked: unknown,
    listener: Listener,
    /** @param about of several notices about one thing a reader that stalls gets the latest; without it, all of them */
    tell: (method: string, params: JsonObject, about?: string) => void,
  ): MaybePromise<{ honoured: unknown; stop(): void } | undefined>
}

/**
 * Something beyond the core protocol, under a name of its own. It costs nothing unless it is given to `createServer`.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#extensions
 */
export interface Extension {
  /** A prefix that belongs to its author, a slash and a name: `com.example/thing`. */
  readonly id: string
  /** What a server declares of it. */
  readonly settings: JsonObject
  readonly methods: ReadonlyMap<string, ExtensionMethod>
  readonly topics?: readonly ExtensionTopic[]
  /** Called once by each `createServer` it is given to, last, with the definition that is about to be returned. */
  attach?(server: Server): void
  /** Whether it can be spoken in a revision. Default: in all. */
  servedIn?(revision: Revision): boolean
  /**
   * Called when one way of serving ends and its calls have been answered: waits for what still goes on for them, and ends
   * the rest after `graceMs` milliseconds. It must resolve soon after that; a rejection is logged.
   */
  drain?(serving: Serving, graceMs: number): Promise<void>
}

/** The extensions of one server. */
export interface Extensions {
  readonly list: readonly Extension[]
  /** Undefined where no extension adds this method to this revision. */
  method(name: string, revision: Revision): ExtensionMethod | undefined
  /** What a server declares of them in a revision; undefined where there are none. */
  declared(revision: Revision): JsonObject | undefined
  topics(revision: Revision): readonly ExtensionTopic[]
  /** The param that names what a request of theirs is about, by method. */
  readonly nameParams: ReadonlyMap<string, string>
  /** Drains every one of them. Never rejects. */
  drain(serving: Serving, graceMs: number): Promise<void>
}

/** What `subscriptions/listen` can be asked for without any extension. */
const CORE_TOPICS: readonly string[] = [
  'toolsListChanged',
  'promptsListChanged',
  'resourcesListChanged',
  'resourceSubscriptions',
]
const REVISIONS: readonly Revision[] = [...statelessRevisions, ...handshakeRevisions]

const EXTENSION_ID = /^[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*\/[a-z0-9](?:[\w.-]*[a-z0-9])?$/i

/**
 * @throws {TypeError} for an id without a prefix, for two extensions with one id, and for a method or a topic of one that
 *   another has, or the protocol itself
 */
export function createExtensions(list: readonly Extension[] = []): Extensions {
  const ids = new Set<string>()
  const methods = new Map<string, { extension: Extension; method: ExtensionMethod }>()
  const topics = new Map<string, string>(CORE_TOPICS.map((member) => [member, 'the protocol']))
  const nameParams = new Map<string, string>()
  const guarded = new Map(list.map((one) => [one, (one.topics ?? []).map(guardedTopic)]))
  for (const extension of list) {
    const { id } = extension
    if (!EXTENSION_ID.test(id))
      throw new TypeError(`extension ${JSON.stringify(id)}: an id is a prefix, a slash and a name`)
    if (ids.has(id)) throw new TypeError(`extension ${JSON.stringify(id)} is given twice`)
    ids.add(id)
    for (const [name, method] of extension.methods) {
      const taken = methods.get(name)
      if (taken !== undefined) throw new TypeError(`${name} is a method of both ${taken.extension.id} and ${id}`)
      const revision = REVISIONS.find((one) => one.requests.has(name) && isServed(extension, one))
      if (revision !== undefined) {
        throw new TypeError(`extension ${JSON.stringify(id)}: ${name} is a method of ${revision.version} itself`)
      }
      methods.set(name, { extension, method })
      if (method.nameParam !== undefined) nameParams.set(name, method.nameParam)
    }
    for (const { member } of extension.topics ?? []) {
      const taken = topics.get(member)
      if (taken !== undefined) throw new TypeError(`${member} is a topic of both ${taken} and ${id}`)
      topics.set(member, id)
    }
  }

  return {
    list,
    nameParams,
    method(name, revision) {
      const found = methods.get(name)
      return found !== undefined && isServed(found.extension, revision) ? found.method : undefined
    },
    declared(revision) {
      const served = list.filter((extension) => isServed(extension, revision))
      if (served.length === 0) return undefined
      return Object.fromEntries(served.map(({ id, settings }) => [id, settings]))
    },
    topics: (revision) => list.flatMap((one) => (isServed(one, revision) ? (guarded.get(one) ?? []) : [])),
    async drain(serving, graceMs) {
      const drained = list.map((extension) => drainOne(extension, serving, graceMs))
      await Promise.all(drained)
    },
  }
}

/** A topic that refuses with no code that has another meaning. */
function guardedTopic(topic: ExtensionTopic): ExtensionTopic {
  return {
    member: topic.member,
    follow: (asked, listener, tell) => admitting(listener.facts.revision, () => topic.follow(asked, listener, tell)),
  }
}

async function drainOne(extension: Extension, serving: Serving, graceMs: number): Promise<void> {
  try {
    await extension.drain?.(serving, graceMs)
  } catch (error) {
    serving.log.error(`the extension ${extension.id} could not be drained`, error)
  }
}

function isServed(extension: Extension, revision: Revision): boolean {
  return extension.servedIn?.(revision) ?? true
}

/** Whether the sender of a request understands an extension. */
export function understands({ clientCapabilities }: RequestFacts, id: string): boolean {
  const { extensions } = clientCapabilities
  return isJsonObject(extensions) && isJsonObject(extensions[id])
}

/** @throws {RpcError} -32021 naming the extension, when the sender of the request has not declared it */
export function mustUnderstand(facts: RequestFacts, id: string): void {
  if (understands(facts, id)) return
  const code = facts.revision.errorCode('missing_client_capability')
  if (code === undefined) throw new TypeError(`${facts.revision.version} has no code for a missing capability`)
  throw new RpcError(code, `the client has not declared the extension ${id}`, {
    requiredCapabilities: { extensions: { [id]: {} } },
  })
}
