import {
  CANCELLED,
  complete,
  type Exchange,
  INVALID_PARAMS,
  isJsonObject,
  type JsonObject,
  type JsonRpcRequest,
  type MaybePromise,
  META,
  type Notice,
  RESOURCE_UPDATED,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import type { RequestFacts } from '@bao-mcp/protocol/revisions'
import type { ChangeKind } from '../../changes.ts'
import type { Encode } from '../../encode.ts'
import type { ExtensionTopic, Listener } from '../../extension.ts'
import { whenExpired } from '../../http/token-expiry.ts'
import type { Server } from '../../server.ts'
import type { Serving } from '../../serving.ts'
import { chain } from '../../then.ts'
import { wayOf } from '../../way.ts'
import { LIST_CHANGED } from '../changes-notices.ts'
import { coalescing } from '../coalesce.ts'
import { mustFit } from '../subscribed-uris.ts'

/** The open subscriptions of one connection. */
export interface Subscriptions {
  /** Answers `subscriptions/listen`, when the subscription is over. */
  listen(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject>
  /** Ends all of them gracefully, and those that are still being opened as soon as they are. */
  end(): void
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/** The member of a filter that asks for changes of a list. */
const ASKED_BY: readonly (readonly [member: string, kind: ChangeKind])[] = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
]

/** @param about what the notice is about: of several of one method and subject, a reader that stalls gets the latest */
type Tell = (method: string, params: JsonObject, about?: string) => void

/** What is told from now on, and how to stop it. */
interface Following {
  readonly honoured: JsonObject
  stop(): void
}

/** What a subscription is told of. */
interface Wanted {
  readonly kinds: ReadonlySet<ChangeKind>
  readonly uris: ReadonlySet<string>
}

/**
 * @param notify tells a client on a pipe that one of its subscriptions is over
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/subscriptions
 */
export function createSubscriptions(
  serving: Serving,
  encode: Encode,
  notify: (method: string, params: JsonObject) => void,
): Subscriptions {
  const { server } = serving
  const subscriptions = new Set<() => void>()
  /** Those that are not acknowledged yet. */
  let opening = 0
  let isOver = false

  function want(filter: JsonObject): Wanted {
    const kinds = ASKED_BY.filter(([member, kind]) => filter[member] === true && server.offers(kind))
    const { resourceSubscriptions: asked } = filter
    const uris = Array.isArray(asked) && server.offers('resources') ? asked : []
    const wanted = {
      kinds: new Set(kinds.map(([, kind]) => kind)),
      uris: new Set(uris.filter((uri) => typeof uri === 'string')),
    }
    mustFit(wanted.uris, serving)
    return wanted
  }

  function mustHaveRoom(): void {
    const open = subscriptions.size + opening
    if (open < serving.maxSubscriptions) return
    throw new RpcError(SERVER_BUSY, `${open} subscriptions are open, which is the limit (maxSubscriptions)`)
  }

  /** @throws whatever a topic refuses with; nothing is followed then */
  function followTopics(filter: JsonObject, listener: Listener, tell: Tell): MaybePromise<Following[]> {
    const topics = server.extensions
      .topics(listener.facts.revision)
      .filter(({ member }) => filter[member] !== undefined)
    return topics.length === 0 ? [] : openTopics(topics, filter, listener, tell)
  }

  /** The order of the specification: acknowledged first, so what topics tell meanwhile waits. */
  function open(request: JsonRpcRequest, exchange: Exchange, facts: RequestFacts): MaybePromise<JsonObject> {
    const filter = request.params?.notifications
    if (!isJsonObject(filter)) throw new RpcError(INVALID_PARAMS, 'params.notifications must be an object')
    mustHaveRoom()
    const wanted = want(filter)
    const meta = { [META.subscriptionId]: request.id }
    const over = encode(request.method, complete({ _meta: meta }), facts.revision)
    /** What is told before the acknowledgement, the latest of each method and subject. */
    const early = new Map<string, Notice>()
    let acknowledged = false
    const send = coalescing<Notice>((_key, { method, params }) => exchange.notify(method, { ...params, _meta: meta }))
    let unlike = 0
    const tell: Tell = (method, params, about = `#${unlike++}`) => {
      const key = `${method} ${about}`
      if (acknowledged) return send(key, { method, params })
      // the latest place in the order of what waits
      early.delete(key)
      early.set(key, { method, params })
    }
    const listener = { facts, principal: wayOf(exchange)?.auth?.principal, serving }
    const stopFollowing = follow(server, wanted, tell)
    const opened = chain(server.changeLog.reached(), () => followTopics(filter, listener, tell))
    const acknowledge = (topics: Following[]): MaybePromise<JsonObject> => {
      const honoured = Object.assign(asFilter(wanted), ...topics.map((topic) => topic.honoured))
      void exchange.notify(ACKNOWLEDGED, { notifications: honoured, _meta: meta })
      acknowledged = true
      for (const [key, notice] of early) send(key, notice)
      early.clear()
      const stop = (): void => {
        stopFollowing()
        for (const topic of topics) topic.stop()
      }
      // nothing that could be sent was asked for, or one of both sides is gone, so there is nothing to wait for
      if (Object.keys(honoured).length === 0 || exchange.cancelled || isOver) {
        stop()
        return over
      }
      return untilOver(request, exchange, over, stop)
    }
    if (!(opened instanceof Promise)) return acknowledge(opened)
    opening++
    return opened.then(
      (topics) => {
        opening--
        return acknowledge(topics)
      },
      (refused: unknown) => {
        opening--
        stopFollowing()
        throw refused
      },
    )
  }

  function untilOver(
    request: JsonRpcRequest,
    exchange: Exchange,
    over: JsonObject,
    stop: () => void,
  ): Promise<JsonObject> {
    return new Promise((resolve) => {
      const close = (): void => {
        stopWaiting?.()
        subscriptions.delete(end)
        stop()
        resolve(over)
      }
      const end = (): void => {
        close()
        // the result comes first, then the notification that tears the subscription down
        queueMicrotask(() => notify(CANCELLED, { requestId: request.id, reason: 'the server is shutting down' }))
      }
      subscriptions.add(end)
      exchange.signal.addEventListener('abort', close, { once: true })
      // whoever listened on could be told what its token does not open any more
      const stopWaiting = whenExpired(wayOf(exchange)?.auth, serving.clock, close)
    })
  }

  return {
    listen: open,
    end() {
      isOver = true
      for (const end of [...subscriptions]) end()
    },
  }
}

async function openTopics(
  topics: readonly ExtensionTopic[],
  filter: JsonObject,
  listener: Listener,
  tell: Tell,
): Promise<Following[]> {
  const opened: Following[] = []
  try {
    for (const { member, follow: followTopic } of topics) {
      const followed = await followTopic(filter[member], listener, tell)
      if (followed !== undefined) opened.push({ honoured: { [member]: followed.honoured }, stop: followed.stop })
    }
    return opened
  } catch (refused) {
    for (const { stop } of opened) stop()
    throw refused
  }
}

/** Tells what is wanted until the returned function is called. */
function follow({ changes, updates }: Server, { kinds, uris }: Wanted, tell: Tell): () => void {
  const stops = [
    changes.subscribe((kind) => {
      if (kinds.has(kind)) tell(LIST_CHANGED[kind], {}, '')
    }),
    updates.subscribe(
      (uri) => {
        if (uris.has(uri)) tell(RESOURCE_UPDATED, { uri }, uri)
      },
      () => {
        for (const uri of uris) tell(RESOURCE_UPDATED, { uri }, uri)
      },
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function asFilter({ kinds, uris }: Wanted): JsonObject {
  const lists = ASKED_BY.filter(([, kind]) => kinds.has(kind)).map(([member]) => [member, true] as const)
  return { ...Object.fromEntries(lists), ...(uris.size > 0 && { resourceSubscriptions: [...uris] }) }
}
