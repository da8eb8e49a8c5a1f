import { type Deadline, encodeSseEvent, INTERNAL_ERROR, INVALID_REQUEST, RpcError } from '@bao-mcp/protocol/engine'
import { HttpFault } from '../../http/fault.ts'
import type { HttpCore } from '../../http/incoming.ts'
import { openStream } from '../../http/open-stream.ts'
import { errorText, sseResponse } from '../../http/respond.ts'
import { answeredBy, type EventPlace, findKept, type KeptStream, logName, readEntry, sayOrphaned } from './event-log.ts'
import type { SessionNode } from './node.ts'

export interface ResumeOptions {
  readonly core: HttpCore
  readonly node: SessionNode
  readonly session: string
  readonly place: EventPlace
  /** As it was found just now. */
  readonly kept: KeptStream
  /** Unlike that of any other stream of the session. */
  readonly tag: string
  /** Begins with an id of the place, so that a client which is told nothing more knows where it was. */
  readonly primes: boolean
  /** Told when the stream is over or its reader gone. */
  onOver(): void
}

/** A stream that a client has opened or come back to. */
export interface OpenStream {
  readonly response: Response
  /** Lets go of the reader; the stream itself goes on. */
  detach(): void
}

/**
 * Replays what a client has missed of one stream, and goes on with what comes, whichever node writes it. When that node is
 * lost, or something that was told is, its open calls end here with an error: nobody waits for what cannot come.
 * @throws {HttpFault} 405 when it has ended, and the client has had all of it
 * @throws {HubError} when the hub is out of reach
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export async function resumeStream(options: ResumeOptions): Promise<OpenStream> {
  const { core, node, place, kept } = options
  const { deadlines, limits } = core
  const { hub } = core.serving.server
  const name = logName(options.session, place.stream)
  const unanswered = new Set(kept.ids)
  let nextNumber = place.number + 1
  let stopFollowing: (() => void) | undefined
  let over = false
  let isAllHad = false

  const stream = openStream(core, finish)
  // some servers send the head of a response only with the first of its body
  if (options.primes)
    void stream.write(encodeSseEvent({ id: `${place.stream}.${place.number}.${options.tag}`, data: '' }))
  else stream.keepAlive()

  const watch: Deadline = {
    dueAt: 0,
    heapIndex: -1,
    expire: () => void look(),
  }

  function finish(): void {
    if (over) return
    over = true
    stopFollowing?.()
    deadlines.remove(watch)
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
      case 'event':
        return event(read.number, read.data)
      case 'end':
        if (read.number >= nextNumber) return fail('not all of it could be kept')
        isAllHad = nextNumber === place.number + 1
        return end()
      case 'sign':
        return undefined
      case 'overrun':
        return fail('more was told meanwhile than is kept to be replayed (maxReplayLength)')
      case 'broken':
        return fail('not all of it could be kept')
      case 'orphaned':
        return fail('the node that ran the call is lost (ownerLostMs)')
      default:
        return read satisfies never
    }
  }

  function event(number: number, data: string): void {
    const answered = answeredBy(data)
    // an answer counts, whatever was lost before it
    if (number > nextNumber && answered.length === 0) return fail('not all of it could be kept')
    for (const id of answered) unanswered.delete(id)
    // the client has had it
    if (number < nextNumber) return
    nextNumber = number + 1
    void stream.write(encodeSseEvent({ id: `${place.stream}.${number}`, data }))
  }

  /** Answers what is still open with an error, to this reader alone. */
  function fail(why: string): void {
    const error = new RpcError(INTERNAL_ERROR, `the answer is lost: ${why}`)
    for (const id of unanswered) void stream.write(encodeSseEvent({ data: errorText(id, error) }))
    end()
  }

  /** Whether what this reader waits for can still come. */
  async function look(): Promise<void> {
    try {
      const found = await findKept(hub, name)
      if (over) return
      if (found === undefined) return fail('nothing is kept of the stream any more (replayTtlMs, or a full hub)')
      // one that has ended is told to its end, whatever became of its node
      if (found.end === undefined && !(await node.isAlive(place.owner))) {
        // the reader may not have come to the last of what was written, so it is told so behind that
        if (!over) await sayOrphaned(hub, name, limits.replayTtlMs)
        return
      }
    } catch (error) {
      return lost(error)
    }
    if (over) return
    watch.dueAt = deadlines.now() + limits.ownerLostMs / 2
    deadlines.add(watch)
  }

  /** The reader is let go: when it comes back, it is told by name what is the matter. */
  function lost(error: unknown): void {
    if (over) return
    core.serving.log.error('a stream that was resumed cannot be followed any more', error)
    end()
  }

  try {
    stopFollowing = await hub.follow(name, '', { entry, lost })
  } catch (error) {
    finish()
    throw error
  }
  // entries, and with them the end, may have come before there was anything to stop
  if (over) stopFollowing()
  else await look()
  if (isAllHad) throw ended()
  return { response: sseResponse(stream), detach: end }
}

/**
 * Clients come back to a stream that has ended without an answer, or with an error. They stop at "no stream is offered here";
 * after a stream with nothing in it they would come back without a place, and take the stream of changes from themselves.
 */
export function ended(): HttpFault {
  const message = 'the stream has ended, and all of it was told'
  return new HttpFault(405, INVALID_REQUEST, message, { headers: { allow: 'POST, DELETE' } })
}

export function gone(message: string): HttpFault {
  return new HttpFault(400, INVALID_REQUEST, `the stream cannot be resumed: ${message}`)
}
