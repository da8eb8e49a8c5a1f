import type { ServerCapabilities } from '@bao-mcp/protocol'
import {
  CANCELLED,
  ConnectionError,
  HUB_LOST,
  INTERNAL_ERROR,
  isJsonObject,
  META,
  type Notice,
  RpcError,
  SERVER_BUSY,
} from '@bao-mcp/protocol/engine'
import { AuthError } from '../auth/auth-error.ts'
import { backoffMs } from '../backoff.ts'
import { heldAfter } from '../pause.ts'
import type { ClientSide, Session } from '../session.ts'
import { commonWanted, type Honoured, NOTHING, sameWanted, type Wanted, wantsNothing, wordsOf } from '../wanted.ts'
import { filterOf, offeredOf, readFilter } from './filter.ts'

const ENDED = 'the server ended it'
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
/** Milliseconds a server has to acknowledge a subscription. */
const ACKNOWLEDGE_MS = 60_000
/** A subscription that lasted this many milliseconds was a good one: the next pause is a short one again. */
const STEADY_MS = 30_000
/** Errors after which the same question may be answered. */
const PASSING: ReadonlySet<number> = new Set([INTERNAL_ERROR, SERVER_BUSY, HUB_LOST])
const FOR_EVER = { timeoutMs: Number.POSITIVE_INFINITY, maxTotalTimeoutMs: Number.POSITIVE_INFINITY }

/** The one subscription of a conversation whose requests stand alone. */
export interface Listener {
  /** See `listen` of {@link Session}. */
  want(wanted: Wanted): Promise<Honoured>
  /** Takes a notice that belongs to no call; true when it ended the subscription. */
  ends(notice: Notice): boolean
  /** Ends the subscription, telling the server. */
  stop(): void
}

/** One request for notices, and what came of it. */
interface Stream {
  readonly wanted: Wanted
  readonly closing: AbortController
  id?: unknown
  honoured?: Wanted
  /** Point in time on the side's clock, in milliseconds. */
  since: number
  stopWaiting?: () => void
}

type Waiting = Pick<PromiseWithResolvers<Honoured>, 'resolve' | 'reject'>

/**
 * Keeps one subscription to all that is wanted. Another one replaces it when that changes, and the old one ends when the
 * new one is acknowledged, so that nothing falls between them. What breaks off is opened again after a pause that grows.
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export function createListener(
  request: Session['request'],
  side: Pick<ClientSide, 'hear' | 'missed' | 'stray' | 'clock' | 'random'>,
  capabilities: ServerCapabilities,
): Listener {
  const offered = offeredOf(capabilities)
  let wanted = NOTHING
  /** The one that is acknowledged. */
  let current: Stream | undefined
  let opening: Stream | undefined
  let waiting: Waiting[] = []
  let failures = 0
  /** Whether something may have gone unheard since notices were first wanted. */
  let gap = false
  let over = false
  let stopPause: (() => void) | undefined

  function want(next: Wanted): Promise<Honoured> {
    wanted = limited(next)
    if (over || wantsNothing(wanted)) {
      rest()
      return Promise.resolve(NOTHING)
    }
    if (opening === undefined && current?.honoured !== undefined && sameWanted(current.wanted, wanted)) {
      return Promise.resolve(current.honoured)
    }
    const answer = Promise.withResolvers<Honoured>()
    waiting.push(answer)
    open()
    return answer.promise
  }

  /** What the server has not declared is not asked for. */
  function limited(all: Wanted): Wanted {
    return { ...commonWanted(all, { ...offered, uris: [] }), uris: offered.updates ? all.uris : [] }
  }

  function open(): void {
    stopPause?.()
    stopPause = undefined
    letGo(opening)
    const stream: Stream = { wanted, closing: new AbortController(), since: side.clock.now() }
    opening = stream
    stream.stopWaiting = side.clock.after(ACKNOWLEDGE_MS, () => {
      const message = `subscriptions/listen was not acknowledged for ${ACKNOWLEDGE_MS} ms`
      ended(stream, message, new ConnectionError('timeout', message, { method: 'subscriptions/listen' }))
      letGo(stream)
    })
    const { signal } = stream.closing
    const onNotice = (notice: Notice): void => hear(stream, notice)
    request('subscriptions/listen', { notifications: filterOf(wanted) }, { ...FOR_EVER, signal, onNotice }).then(
      () => ended(stream, ENDED, new ConnectionError('dropped', `subscriptions/listen: ${ENDED}`)),
      (error: unknown) => ended(stream, error instanceof Error ? error.message : String(error), error),
    )
  }

  function hear(stream: Stream, notice: Notice): void {
    if (stream !== current && stream !== opening) return
    if (notice.method !== ACKNOWLEDGED) return side.hear(notice)
    if (stream === opening) acknowledged(stream, notice)
  }

  function acknowledged(stream: Stream, { params }: Notice): void {
    const meta = params?._meta
    stream.id = isJsonObject(meta) ? meta[META.subscriptionId] : undefined
    const honoured = readFilter(params?.notifications, stream.wanted)
    stream.honoured = honoured
    stream.stopWaiting?.()
    stream.since = side.clock.now()
    const old = current
    current = stream
    opening = undefined
    letGo(old)
    const lacking = lackingOf(stream.wanted, honoured)
    if (!wantsNothing(lacking)) report(`the server does not honour ${wordsOf(lacking)}`)
    const answered = waiting
    waiting = []
    for (const { resolve } of answered) resolve(honoured)
    if (!gap) return
    gap = false
    side.missed()
  }

  /** A stream is over, by whatever end. */
  function ended(stream: Stream, words: string, error: unknown): void {
    stream.stopWaiting?.()
    const wasCurrent = stream === current
    if (!wasCurrent && stream !== opening) return
    if (wasCurrent) current = undefined
    else opening = undefined
    const rejected = wasCurrent ? [] : waiting
    if (!wasCurrent) waiting = []
    // the end of the connection reports itself
    const isEnd = error instanceof ConnectionError && error.code === 'closed'
    if (isEnd) over = true
    else report(words)
    for (const { reject } of rejected) reject(error)
    if (wasCurrent) gap = true
    if (isEnd || over || opening !== undefined || current !== undefined || wantsNothing(wanted)) return
    if (error instanceof RpcError && !PASSING.has(error.code)) return
    // nobody asked for a login: the next who wants to be told of something may bring one about
    if (error instanceof AuthError && error.code !== 'unreachable') return
    gap = true
    if (side.clock.now() - stream.since >= STEADY_MS && wasCurrent) failures = 0
    failures++
    // whoever waits for changes still does: a process with nothing else to do would end in the middle of it
    stopPause = heldAfter(side.clock, backoffMs(failures, side.random), open)
  }

  function letGo(stream: Stream | undefined): void {
    stream?.stopWaiting?.()
    stream?.closing.abort(new DOMException('the client wants no more of it', 'AbortError'))
  }

  /** Nothing is wanted any more. */
  function rest(): void {
    stopPause?.()
    stopPause = undefined
    gap = false
    const [first, second, answered] = [current, opening, waiting]
    current = undefined
    opening = undefined
    waiting = []
    letGo(first)
    letGo(second)
    for (const { resolve } of answered) resolve(NOTHING)
  }

  function report(words: string): void {
    side.stray({ kind: 'invalid', message: `subscription to changes: ${words}` })
  }

  return {
    want,
    ends(notice) {
      if (notice.method !== CANCELLED) return false
      const id = notice.params?.requestId
      // a server that tears a subscription down may answer it, cancel it, or do both in any order
      if (current === undefined || current.id === undefined || current.id !== id) return false
      const stream = current
      ended(stream, ENDED, new ConnectionError('dropped', `subscriptions/listen: ${ENDED}`))
      letGo(stream)
      return true
    },
    stop() {
      over = true
      rest()
    },
  }
}

function lackingOf(wanted: Wanted, honoured: Wanted): Wanted {
  const known = new Set(honoured.uris)
  return {
    tools: wanted.tools && !honoured.tools,
    prompts: wanted.prompts && !honoured.prompts,
    resources: wanted.resources && !honoured.resources,
    uris: wanted.uris.filter((uri) => !known.has(uri)),
  }
}
