import {
  AnsweredError,
  CANCELLED,
  type Channel,
  type CloseReason,
  ConnectionError,
  encodeMessage,
  HEADER_MISMATCH,
  isJsonObject,
  isRequestId,
  type JsonObject,
  type JsonRpcNotification,
  type JsonRpcRequest,
  META,
  type Receiver,
  type RequestId,
  type Unreadable,
  type Way,
} from '@bao-mcp/protocol/engine'
import { type Revision, statelessRevisions } from '@bao-mcp/protocol/revisions'
import { follow } from '../../follow.ts'
import { type Ending, readAnswer, readRefusal } from '../../http/answer.ts'
import { type HeaderMap, mergeHeaders, NO_HEADERS, sharedHeaders } from '../../http/headers.ts'
import { ACCEPTANCE_MS, ownHeaders, POST_HEADERS } from '../../http/post.ts'
import type { ReadLimits } from '../../http/read-body.ts'
import { discard, type Wire } from '../../http/wire.ts'
import { createToolHeaders } from './tool-headers.ts'

export interface HttpChannelOptions {
  readonly wire: Wire
  readonly limits: ReadLimits
  /** Hears of what was left out of a list, and why. */
  warn(message: string): void
}

const LIST = 'tools/list'
const CALL = 'tools/call'
/** Tools whose headers are kept. */
const MAX_KEPT_HEADERS = 1000
/** Pages that are read to learn what headers a call needs. */
const MAX_PAGES = 64

/**
 * Requests that stand alone, each a POST of its own. A call that is given up has its response let go of, which is what tells
 * the server.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http
 */
export function createModernHttpChannel({ wire, limits, warn }: HttpChannelOptions): Channel {
  const toolHeaders = createToolHeaders(warn)
  const open = new Map<RequestId, AbortController>()
  /** Headers of calls by the tool's name, which is all they hang on for a tool without headers of its own. */
  const callHeaders = new Map<string, HeaderMap>()
  const over = new AbortController()
  let receiver: Receiver | undefined
  let extra = 0

  function post(message: JsonRpcRequest, body: string, way: Way | undefined, signal: AbortSignal): Promise<Ending> {
    return exchange(message, body, way, signal, (value, length) => {
      // what crossed with the call being given up is for nobody
      if (!signal.aborted) receiver?.message(learned(message, value), length)
    })
  }

  function exchange(
    message: JsonRpcRequest,
    body: string,
    way: Way | undefined,
    signal: AbortSignal,
    hear: (value: unknown, length: number) => void,
  ): Promise<Ending> {
    const headers = [ownHeaders(way), headersOf(message)]
    return wire.exchange({ method: 'POST', headers, body, signal, what: message.method }, (response) =>
      readAnswer(message, response, { message: hear, unreadable }, limits),
    )
  }

  function unreadable(fault: Unreadable): void {
    receiver?.unreadable(fault)
  }

  function headersOf(message: JsonRpcRequest | JsonRpcNotification): HeaderMap {
    const { method, params } = message
    const revision = revisionOf(params)
    const own = method === CALL ? toolHeaders.headersFor(params) : undefined
    const name = params?.name
    if (method !== CALL || typeof name !== 'string' || own !== NO_HEADERS)
      return mergeHeaders(POST_HEADERS, revision.http.headersOf(message, EXTENSION_NAMES), own)
    const key = `${revision.version} ${name}`
    let headers = callHeaders.get(key)
    if (headers === undefined) {
      headers = sharedHeaders(POST_HEADERS, revision.http.headersOf(message, EXTENSION_NAMES))
      if (callHeaders.size >= MAX_KEPT_HEADERS) callHeaders.clear()
      callHeaders.set(key, headers)
    }
    return headers
  }

  /** The answer as it is passed on. */
  function learned({ method, id }: JsonRpcRequest, value: unknown): unknown {
    if (method !== LIST || !isJsonObject(value) || value.id !== id || !isJsonObject(value.result)) return value
    return { ...value, result: toolHeaders.learn(value.result) }
  }

  async function call(message: JsonRpcRequest, body: string, way: Way | undefined, signal: AbortSignal): Promise<void> {
    try {
      let ending = await post(message, body, way, signal)
      // "on such an error the client SHOULD refresh its tool list and retry"
      if (message.method === CALL && lacksHeaders(ending) && (await relearned(message, way, signal))) {
        ending = await post(message, body, way, signal)
      }
      // whoever gave the call up knows it already
      if (ending.kind !== 'answered' && !signal.aborted) receiver?.failed?.(message.id, ending.error)
    } catch (error) {
      if (!signal.aborted) receiver?.failed?.(message.id, error instanceof Error ? error : new TypeError(String(error)))
    } finally {
      if (open.get(message.id)?.signal === signal) open.delete(message.id)
    }
  }

  /** Whether the tools were listed anew. Where they were not, the call keeps its first answer. */
  async function relearned(message: JsonRpcRequest, way: Way | undefined, signal: AbortSignal): Promise<boolean> {
    try {
      return await relearn(message, way, signal)
    } catch (error) {
      // that the list could not be had says nothing of the call, which was refused
      if (signal.aborted) throw error
      return false
    }
  }

  async function relearn({ params }: JsonRpcRequest, way: Way | undefined, signal: AbortSignal): Promise<boolean> {
    const _meta = metaOf(params)
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page++) {
      const list: JsonRpcRequest = {
        jsonrpc: '2.0',
        id: `headers ${++extra}`,
        method: LIST,
        params: { _meta, ...(cursor !== undefined && { cursor }) },
      }
      let result: JsonObject | undefined
      const ending = await exchange(list, encodeMessage(list), way, signal, (value) => {
        if (isJsonObject(value) && value.id === list.id && isJsonObject(value.result)) result = value.result
      })
      if (ending.kind !== 'answered' || result === undefined) return false
      toolHeaders.learn(result)
      cursor = result.nextCursor
      if (cursor === undefined) return true
    }
    return true
  }

  /** @throws why it was refused */
  async function tell(message: JsonRpcNotification, body: string): Promise<void> {
    const { method } = message
    using limit = follow(over.signal)
    const stop = limits.clock.after(ACCEPTANCE_MS, () => {
      limit.controller.abort(new ConnectionError('timeout', `${method} was not accepted within ${ACCEPTANCE_MS} ms`))
    })
    try {
      const { signal } = limit
      const sent = await wire.send({ method: 'POST', headers: headersOf(message), body, signal, what: method })
      if (sent.response.ok) return await discard(sent)
      try {
        throw await readRefusal({ method }, sent.response, limits)
      } finally {
        sent.release()
      }
    } finally {
      stop()
    }
  }

  return {
    open(to) {
      receiver = to
    },
    send(message, way) {
      if (Array.isArray(message)) throw new TypeError('a stateless server takes one message at a time')
      const body = encodeMessage(message)
      if (!('method' in message)) return undefined
      if (message.method === CANCELLED) {
        const { requestId } = message.params ?? {}
        if (isRequestId(requestId)) open.get(requestId)?.abort(new DOMException('the call was given up', 'AbortError'))
        return undefined
      }
      if (!('id' in message)) return tell(message, body)
      const controller = new AbortController()
      open.set(message.id, controller)
      void call(message, body, way, controller.signal)
      return undefined
    },
    async close() {
      const reason: CloseReason = { kind: 'local', message: 'closed by this side' }
      const last = receiver
      receiver = undefined
      const abort = new DOMException(reason.message, 'AbortError')
      for (const controller of open.values()) controller.abort(abort)
      open.clear()
      over.abort(abort)
      last?.end(reason)
    },
    [Symbol.asyncDispose]() {
      return this.close()
    },
  }
}

/** The params of extensions' methods that go into the `Mcp-Name` header. */
const EXTENSION_NAMES: ReadonlyMap<string, string> = new Map([
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
])

function revisionOf(params: JsonObject | undefined): Revision {
  const meta = params?._meta
  const version = isJsonObject(meta) ? meta[META.protocolVersion] : undefined
  const revision = statelessRevisions.find((one) => one.version === version) ?? statelessRevisions[0]
  if (revision === undefined) throw new TypeError('no stateless revision is spoken')
  return revision
}

/** What goes with the listing that a call needs; its progress is that of the call alone. */
function metaOf(params: JsonObject | undefined): JsonObject | undefined {
  const meta = params?._meta
  if (!isJsonObject(meta)) return undefined
  const { progressToken: _, ...rest } = meta
  return rest
}

function lacksHeaders(ending: Ending): boolean {
  return ending.kind === 'failed' && ending.error instanceof AnsweredError && ending.error.code === HEADER_MISMATCH
}
