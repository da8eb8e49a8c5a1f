import {
  classify,
  type Deadline,
  encodeSseEvent,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  type RequestId,
  RpcError,
} from '@bao-mcp/protocol/engine'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore } from '../../http/incoming.ts'
import { errorText, sseResponse } from '../../http/respond.ts'
import { createSseStream } from '../../http/sse-stream.ts'
import { type EventPlace, logName, readEntry } from './event-log.ts'
import type { SessionNode } from './node.ts'

export interface ResumeOptions {
  readonly core: HttpCore
  readonly node: SessionNode
  readonly session: string
  readonly place: EventPlace
  /** Told when the stream is over or its reader gone. */
  onOver(): void
}

/** A stream that a client has come back to. */
export interface ResumedStream {
  readonly response: Response
  /** Lets go of the reader; the stream itself goes on. */
  detach(): void
}

/**
 * Replays what a client has missed of one stream, and goes on with what comes, whichever node writes it. When that node is
 * lost, its calls end here with an error.
 * @throws {HttpFault} 400 when nothing is kept of the stream
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function resumeStream(options: ResumeOptions): Promise<ResumedStream> {
  const { core, node, session, place } = options
  const { hub } = core.serving.server
  const name = logName(session, place.stream)
  const kept = await hub.get(name)
  if (kept === undefined) throw gone('nothing is kept of this stream any more (replayTtlMs)')
  // proof: only an event log puts a text of this name
  const unanswered = new Set(JSON.parse(kept) as RequestId[])
  let stopFollowing: (() => void) | undefined
  let over = false

  const stream = createSseStream({
    highWaterLength: core.limits.highWaterLength,
    maxOutboundLength: core.limits.maxOutboundLength,
    stalledReaderMs: core.limits.stalledReaderMs,
    clock: core.clock,
    onGone: finish,
  })
  core.keepAlive.add(stream)
  // some servers send the head of a response only with the first of its body
  stream.keepAlive()

  const watch: Deadline = {
    dueAt: 0,
    heapIndex: -1,
    expire: () => void lookAfterOwner(),
  }

  function finish(): void {
    if (over) return
    over = true
    stopFollowing?.()
    core.deadlines.remove(watch)
    core.keepAlive.remove(stream)
    options.onOver()
  }

  function end(): void {
    stream.end()
    finish()
  }

  function entry(_position: string, text: string): void {
    if (over) return
    const read = readEntry(text)
    switch (read.kind) {
      case 'end':
        return end()
      case 'sign':
        return undefined
      case 'overrun':
        return fail(
          new RpcError(INTERNAL_ERROR, 'more was told meanwhile than is kept to be replayed (maxReplayLength)'),
        )
      case 'event':
        for (const id of answeredBy(read.data)) unanswered.delete(id)
        if (read.number > place.number) {
          void stream.write(encodeSseEvent({ id: `${place.stream}.${read.number}`, data: read.data }))
        }
        return undefined
      default:
        return read satisfies never
    }
  }

  /** Answers what is still open with an error, to this reader alone. */
  function fail(error: RpcError): void {
    for (const id of unanswered) void stream.write(encodeSseEvent({ data: errorText(id, error) }))
    end()
  }

  async function lookAfterOwner(): Promise<void> {
    try {
      if (!(await node.isAlive(place.owner))) {
        if (!over) fail(new RpcError(INTERNAL_ERROR, 'the node that ran the call is lost (ownerLostMs)'))
        return
      }
    } catch (error) {
      if (!over) lost(error)
      return
    }
    if (over) return
    watch.dueAt = core.deadlines.now() + core.limits.ownerLostMs / 2
    core.deadlines.add(watch)
  }

  /** The reader is let go: when it comes back, it is told by name what is the matter. */
  function lost(error: unknown): void {
    core.serving.log.error('a stream that was resumed cannot be followed any more', error)
    end()
  }

  try {
    stopFollowing = await hub.follow(name, '', { entry, lost })
    if (over) stopFollowing()
    else await lookAfterOwner()
  } catch (error) {
    finish()
    throw error
  }
  return {
    response: sseResponse(stream.body),
    detach: end,
  }
}

/** Ids of the requests that a kept event answers. */
function answeredBy(data: string): RequestId[] {
  const value: unknown = JSON.parse(data)
  return [value].flat().flatMap((one) => {
    const kind = classify(one)
    // proof: classify has just checked that an answer has an id of this type, or null
    const { id } = (kind === 'result' || kind === 'error' ? one : {}) as { id?: RequestId | null }
    return id === undefined || id === null ? [] : [id]
  })
}

export function gone(message: string): HttpFault {
  return new HttpFault(400, INVALID_REQUEST, `the stream cannot be resumed: ${message}`)
}
